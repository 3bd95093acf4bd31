//! A file as a slice of bytes.
#![allow(unsafe_code, reason = "a mapping has no safe form")]

use std::{fs::File, io, ops::Deref, ptr};

use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// The memory of a template: nobody may write it, and nobody of ours shortens it.
pub(crate) struct Mapped {
    start: *mut std::ffi::c_void,
    length: usize,
}

// SAFETY: it is only read, and belongs to no thread.
unsafe impl Send for Mapped {}
// SAFETY: as above.
unsafe impl Sync for Mapped {}

impl Mapped {
    pub(crate) fn whole(file: &File) -> io::Result<Self> {
        let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        // SAFETY: a new mapping at a place that the kernel chooses touches no other.
        let start =
            unsafe { mmap(ptr::null_mut(), length, ProtFlags::READ, MapFlags::PRIVATE, file, 0)? };
        Ok(Self { start, length })
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: so many bytes are mapped there until this value is dropped.
        unsafe { std::slice::from_raw_parts(self.start.cast(), self.length) }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: nothing refers to the mapping any more.
        let _ = unsafe { munmap(self.start, self.length) };
    }
}
