//! Why there is no tree, from the inside out: the first thing that fails names the fault.
//!
//! This is the level of the bus. How each application fared stands in its
//! [`AppStatus`](crate::AppStatus).

use serde::{Deserialize, Serialize};

use crate::reader::{BusAddress, REGISTRY_LIMIT, ReadError, Reader};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Diagnosis {
    /// Nobody on the session bus knows an accessibility bus: at-spi2-core is missing or not started.
    NoBus { reason: String },
    /// There is one, and it does not let anybody in.
    BusBroken { reason: String },
    /// The bus works; what keeps the list of applications does not.
    RegistryHung { reason: String },
    /// The way to the applications is clear.
    Fine,
}

/// Tries the way to the applications, and reads none of them.
pub async fn diagnose(address: &BusAddress) -> Diagnosis {
    let tried = match Reader::connect(address).await {
        Ok(reader) => reader.applications(REGISTRY_LIMIT).await.map(|_| ()),
        Err(error) => Err(error),
    };
    tried.map_or_else(Diagnosis::from, |()| Diagnosis::Fine)
}

impl From<ReadError> for Diagnosis {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NoBus { reason } => Self::NoBus { reason },
            ReadError::BusBroken { reason } => Self::BusBroken { reason },
            ReadError::RegistryHung { reason } => Self::RegistryHung { reason },
        }
    }
}
