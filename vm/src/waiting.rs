//! Who waits for an answer, by the number of the question.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Shared by whoever asks and the task that reads the answers.
#[derive(Debug)]
pub(crate) struct Waiting<K, V>(Arc<Mutex<Askers<K, V>>>);

#[derive(Debug)]
enum Askers<K, V> {
    Open(HashMap<K, V>),
    /// No answer comes any more; whoever asks from now on is told at once.
    Closed,
}

impl<K, V> Clone for Waiting<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Default for Waiting<K, V> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Askers::Open(HashMap::new()))))
    }
}

impl<K: Hash + Eq, V> Waiting<K, V> {
    /// Where nothing is answered any more, `asker` is dropped at once, which tells who waits on it.
    pub(crate) fn insert(&self, id: K, asker: V) {
        if let Askers::Open(askers) = &mut *self.lock() {
            askers.insert(id, asker);
        }
    }

    pub(crate) fn remove(&self, id: &K) -> Option<V> {
        match &mut *self.lock() {
            Askers::Open(askers) => askers.remove(id),
            Askers::Closed => None,
        }
    }

    /// Drops all that wait, which tells them.
    pub(crate) fn close(&self) {
        *self.lock() = Askers::Closed;
    }

    pub(crate) fn is_empty(&self) -> bool {
        match &*self.lock() {
            Askers::Open(askers) => askers.is_empty(),
            Askers::Closed => true,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(&*self.lock(), Askers::Closed)
    }

    fn lock(&self) -> MutexGuard<'_, Askers<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq, V: Clone> Waiting<K, V> {
    pub(crate) fn get(&self, id: &K) -> Option<V> {
        match &*self.lock() {
            Askers::Open(askers) => askers.get(id).cloned(),
            Askers::Closed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_end_nobody_waits() {
        let waiting = Waiting::default();
        let [(first, mut one), (second, mut other)] =
            [(); 2].map(|()| tokio::sync::oneshot::channel::<()>());
        waiting.insert(1, first);
        waiting.close();
        waiting.insert(2, second);
        let closed = tokio::sync::oneshot::error::TryRecvError::Closed;
        assert_eq!((one.try_recv(), other.try_recv()), (Err(closed.clone()), Err(closed)));
        assert!(waiting.remove(&1).is_none());
    }
}
