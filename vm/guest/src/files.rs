//! Files, byte for byte, in chunks.

use std::{
    fs::File,
    io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::fchown,
    path::Path,
};

use deskbound_guest::{Answer, Reply, protocol::CHUNK_BYTES_MAX};

use crate::{system::Replies, user::SessionUser};

pub(crate) fn read(id: u32, path: &str, replies: &Replies) {
    let reply = |answer| replies.send(Reply { id, answer }).is_ok();
    let refuse =
        |error: std::io::Error| reply(Answer::Refused { reason: format!("{path}: {error}") });
    if Path::new(path).is_dir() {
        reply(Answer::NoFile);
        return;
    }
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            reply(Answer::NoFile);
            return;
        }
        Err(error) => {
            refuse(error);
            return;
        }
    };
    loop {
        let mut bytes = vec![0; CHUNK_BYTES_MAX];
        match file.read(&mut bytes) {
            Ok(length) => bytes.truncate(length),
            Err(error) => {
                refuse(error);
                return;
            }
        }
        let ended = bytes.is_empty();
        if !reply(Answer::Content { bytes }) || ended {
            return;
        }
    }
}

pub(crate) fn write(path: &str, offset: u64, bytes: &[u8], user: &SessionUser) -> Answer {
    let written = (|| {
        let mut file = File::options().write(true).create(true).truncate(offset == 0).open(path)?;
        if offset == 0 {
            fchown(&file, Some(user.uid), Some(user.gid))?;
        }
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    })();
    match written {
        Ok(()) => Answer::Done,
        Err(error) => Answer::Refused { reason: format!("{path}: {error}") },
    }
}
