//! What root may do beyond other users. A confined process keeps only what reaches files, and what
//! it takes to start QEMU as somebody else and to end it.

use rustix::io::Errno;
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, capability_is_in_bounding_set,
    remove_capability_from_bounding_set, set_capabilities,
};

use super::ConfineError;

/// The folders of the user's home may belong to another user than root. QEMU is started as a user
/// of its own, which holds none of these, and ends with its owner only where that one may kill
/// processes of others. Whoever took this process over gains with the last three what a root with
/// the first three very nearly has.
const KEPT: CapabilitySet = CapabilitySet::DAC_OVERRIDE
    .union(CapabilitySet::CHOWN)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID);

/// Gives up, for good, all but [`KEPT`] here, and all of it in children.
pub(super) fn give_up() -> Result<(), ConfineError> {
    clear().map_err(|source| ConfineError::Capabilities { source })
}

fn clear() -> Result<(), Errno> {
    // A program that root starts gets what the bounding set has; for others it changes nothing,
    // for a confined process gains no privileges by starting a program.
    if rustix::process::geteuid().is_root() {
        for bit in 0..u64::BITS {
            let one = CapabilitySet::from_bits_retain(1 << bit);
            // An error: the kernel knows no capability of this number.
            if capability_is_in_bounding_set(one) == Ok(true) {
                remove_capability_from_bounding_set(one)?;
            }
        }
    }
    let kept = capabilities(None)?.permitted & KEPT;
    // The ambient set never has what the inheritable one lacks, so this empties both.
    let sets =
        CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    set_capabilities(None, sets)
}
