//! A visitor of the inside speaks the guest program's own protocol; the owner passes the requests
//! on under numbers of its own, and cancels what a visitor leaves running.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use deskbound_guest::{Answer, Ask, Reply, Request, wire};
use tokio::{io::AsyncWriteExt as _, net::UnixStream, sync::Mutex as AsyncMutex, task::JoinSet};

use crate::guest::{Asked, Guest};

/// What one visitor may have under way; more is refused.
const ASKED_MAX: usize = 256;

/// What a visitor asked for and has not been answered: its number → ours.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<HashMap<u32, u32>>>);

impl Open {
    fn lock(&self) -> MutexGuard<'_, HashMap<u32, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request with our number in place of the visitor's; `None` where it speaks of one that
    /// has ended.
    fn translated(&self, ask: Ask) -> Option<Ask> {
        let open = self.lock();
        let ours = |id: u32| open.get(&id).copied();
        Some(match ask {
            Ask::Cancel { id } => Ask::Cancel { id: ours(id)? },
            Ask::More { id, replies } => Ask::More { id: ours(id)?, replies },
            Ask::Signal { id, signal } => Ask::Signal { id: ours(id)?, signal },
            Ask::Resize { id, size } => Ask::Resize { id: ours(id)?, size },
            Ask::Feed { id, bytes } => Ask::Feed { id: ours(id)?, bytes },
            ask => ask,
        })
    }
}

pub(super) async fn receive(stream: UnixStream, guest: Arc<Guest>) {
    let (mut reader, writer) = stream.into_split();
    let writer = Arc::new(AsyncMutex::new(writer));
    let open = Open::default();
    // Ends with the visitor, and what was asked for is cancelled with it.
    let mut answering = JoinSet::new();
    while let Ok(Request { id, ask }) = wire::read_async(&mut reader).await {
        let asked = match open.translated(ask) {
            None => continue,
            // These are answered to nobody.
            Some(ask @ (Ask::Cancel { .. } | Ask::More { .. })) => {
                if guest.tell(ask).await.is_err() {
                    return;
                }
                continue;
            }
            Some(_) if open.lock().len() >= ASKED_MAX => {
                let reason = format!("more than {ASKED_MAX} requests are under way");
                let Ok(frame) = wire::encode(&Reply { id, answer: Answer::Refused { reason } })
                else {
                    return;
                };
                if writer.lock().await.write_all(&frame).await.is_err() {
                    return;
                }
                continue;
            }
            Some(ask) => match guest.send(ask).await {
                Ok(asked) => asked,
                Err(_) => return,
            },
        };
        open.lock().insert(id, asked.id());
        answering.spawn(answer(id, asked, Arc::clone(&writer), open.clone()));
        while answering.try_join_next().is_some() {}
    }
}

async fn answer(
    id: u32,
    mut asked: Asked,
    writer: Arc<AsyncMutex<tokio::net::unix::OwnedWriteHalf>>,
    open: Open,
) {
    while let Some(answer) = asked.raw().await {
        let is_last = answer.is_last();
        let Ok(frame) = wire::encode(&Reply { id, answer }) else { break };
        if writer.lock().await.write_all(&frame).await.is_err() || is_last {
            break;
        }
    }
    open.lock().remove(&id);
}
