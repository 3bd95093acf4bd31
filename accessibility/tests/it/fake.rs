//! A bus with applications on it that say what a test wants: the real protocol, byte by byte, so
//! that it can also be broken. One thread serves one connection.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use deskbound_accessibility::BusAddress;
use tempfile::TempDir;
use zbus::zvariant::{
    DynamicType, Endian, ObjectPath, OwnedValue, Type, Value,
    serialized::{Context, Data},
    to_bytes,
};

pub(crate) const ROOT: &str = "/org/a11y/atspi/accessible/root";
pub(crate) const FRAME: &str = "/org/a11y/atspi/accessible/1";
pub(crate) const FIELD: &str = "/org/a11y/atspi/accessible/2";
pub(crate) const BUTTON: &str = "/org/a11y/atspi/accessible/3";
pub(crate) const FIRST: &str = ":1.5";
pub(crate) const SECOND: &str = ":1.6";
/// Whoever is at the other end of the first application's own socket.
pub(crate) const PEER: &str = "peer";

const REGISTRY: &str = "org.a11y.atspi.Registry";
const DAEMON: &str = "org.freedesktop.DBus";
/// SHOWING, VISIBLE, ENABLED, SENSITIVE, EXPANDABLE.
const STATES: [u32; 2] = [1 << 25 | 1 << 30 | 1 << 8 | 1 << 24 | 1 << 9, 0];

/// A call as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) serial: u32,
    pub(crate) bus_name: String,
    pub(crate) path: String,
    pub(crate) interface: String,
    pub(crate) member: String,
    body: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Signature and bytes of a body, right or wrong.
    Body(String, Vec<u8>),
    Error(&'static str),
    Nothing,
    /// A body of that many bytes, one string.
    Endless(u32),
    /// No message at all.
    Bytes(Vec<u8>),
    HangUp,
}

/// What an application answers; `None` leaves it to [`good`].
pub(crate) type Whim = dyn Fn(&Asked) -> Option<Answer> + Send + Sync;

/// How an application behaves at the other end of a socket of its own.
pub(crate) struct Peer {
    pub(crate) greets: Greets,
    pub(crate) whim: Box<Whim>,
}

/// What becomes of a connection before the first call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Greets {
    Well,
    /// Nobody takes the connection; the kernel does.
    NotAtAll,
    /// It takes the connection and says nothing.
    Silently,
    /// With a word that is none.
    Badly,
    /// It lets nobody in.
    Refusing,
    /// It lets everybody in, and is gone.
    Leaving,
}

pub(crate) struct FakeBus {
    folder: TempDir,
    heard: Arc<Mutex<Vec<Asked>>>,
    /// Not sent yet.
    signals: Signals,
    flood: Arc<AtomicBool>,
}

/// Whole messages, for whoever has registered for events.
type Signals = Arc<Mutex<Vec<Vec<u8>>>>;

pub(crate) fn body<B: serde::Serialize + DynamicType>(body: &B) -> Answer {
    let bytes = to_bytes(Context::new_dbus(Endian::Little, 0), body).expect("plain data");
    Answer::Body(body.signature().to_string_no_parens(), bytes.to_vec())
}

fn reference(bus_name: &str, path: &str) -> (String, ObjectPath<'static>) {
    (bus_name.to_owned(), ObjectPath::try_from(path.to_owned()).expect("a path"))
}

impl Asked {
    pub(crate) fn is(&self, member: &str) -> bool {
        self.member == member
    }

    pub(crate) fn called(&self) -> String {
        format!("{}.{}", self.interface, self.member)
    }

    /// The one string that is its body.
    pub(crate) fn text(&self) -> String {
        let data = Data::new(&self.body[..], Context::new_dbus(Endian::Little, 0));
        data.deserialize::<String>().map(|(text, _)| text).unwrap_or_default()
    }

    /// The property, where one is asked for.
    pub(crate) fn property(&self) -> String {
        let context = Context::new_dbus(Endian::Little, 0);
        let data = Data::new(&self.body[..], context);
        let words = data.deserialize::<(String, String)>();
        words.map(|((_, property), _)| property).unwrap_or_default()
    }
}

/// An application of a frame with a field and a button in it.
pub(crate) fn good(asked: &Asked) -> Answer {
    let (path, app) = (asked.path.as_str(), asked.bus_name.as_str());
    let children: &[&str] = match path {
        ROOT => &[FRAME],
        FRAME => &[FIELD, BUTTON],
        _ => &[],
    };
    match asked.member.as_str() {
        "GetRole" => body(&match path {
            ROOT => 75_u32,
            FRAME => 23,
            FIELD => 79,
            _ => 43,
        }),
        "GetState" => body(&STATES.as_slice()),
        "GetInterfaces" => {
            let all = ["Accessible", "Component", "Text", "EditableText", "Action", "Value"];
            body(&all.map(|name| format!("org.a11y.atspi.{name}")).as_slice())
        }
        "GetChildren" => {
            body(&children.iter().map(|child| reference(app, child)).collect::<Vec<_>>())
        }
        "GetIndexInParent" | "GetRowAtIndex" | "GetColumnAtIndex" => body(&0_i32),
        "GetExtents" => body(&((10_i32, 20_i32, 30_i32, 40_i32),)),
        "GetText" => body(&"text"),
        "GetName" => body(&"toggle"),
        "GetAccessibleAtPoint" | "GetAccessibleAt" => body(&(reference(app, BUTTON),)),
        "DoAction" | "GrabFocus" | "SetTextContents" | "InsertText" | "SelectChild"
        | "ScrollTo" => body(&true),
        "Set" => body(&()),
        "Get" => match asked.property().as_str() {
            "Name" => body(&Value::from(path.rsplit('/').next().unwrap_or_default())),
            "ToolkitName" => body(&Value::from("gtk")),
            "Version" => body(&Value::from("3.24.38")),
            "Description" => body(&Value::from("")),
            "ChildCount" => body(&Value::from(i32::try_from(children.len()).expect("few"))),
            "CharacterCount" => body(&Value::from(4_i32)),
            "NActions" => body(&Value::from(1_i32)),
            "CurrentValue" => body(&Value::from(0.5_f64)),
            "Parent" => body(&Value::from(reference(app, FRAME))),
            _ => Answer::Error("org.freedesktop.DBus.Error.InvalidArgs"),
        },
        _ => Answer::Error("org.freedesktop.DBus.Error.UnknownMethod"),
    }
}

impl FakeBus {
    /// With two applications: the first follows the whim, the second is good.
    pub(crate) fn start(whim: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = UnixListener::bind(folder.path().join("bus")).expect("a socket");
        let heard = Arc::<Mutex<Vec<Asked>>>::default();
        let (signals, flood) = (Signals::default(), Arc::<AtomicBool>::default());
        let (whim, record): (Arc<Whim>, _) = (Arc::new(whim), Arc::clone(&heard));
        let (waiting, floods) = (Arc::clone(&signals), Arc::clone(&flood));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (whim, record) = (Arc::clone(&whim), Arc::clone(&record));
                let said = Said { waiting: Arc::clone(&waiting), floods: Arc::clone(&floods) };
                // Ends with its peer.
                thread::spawn(move || serve(stream, &*whim, &record, &said));
            }
        });
        Self { folder, heard, signals, flood }
    }

    /// The first application has a socket of its own, and `peer` is at its other end. What is said
    /// there is heard under the name of [`PEER`].
    pub(crate) fn start_with_peer(peer: Peer) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("peer");
        let address = format!("unix:path={}", path.display());
        let listener = UnixListener::bind(path).expect("a socket");
        let bus = Self::start(move |asked| {
            // Its socket is there as long as the bus is.
            let _ = &folder;
            asked.is("GetApplicationBusAddress").then(|| body(&address))
        });
        let record = Arc::clone(&bus.heard);
        let peer = Arc::new(peer);
        thread::spawn(move || {
            if peer.greets == Greets::NotAtAll {
                loop {
                    thread::park();
                }
            }
            for stream in listener.incoming().flatten() {
                let (peer, record) = (Arc::clone(&peer), Arc::clone(&record));
                // Ends with its other end.
                thread::spawn(move || serve_peer(stream, &peer, &record));
            }
        });
        bus
    }

    /// An event of the first application, which whoever listens hears before the daemon's next
    /// answer.
    pub(crate) fn signal(&self, member: &str, detail: &str, value: Value<'_>) {
        let message = event(member, detail, value);
        self.signals.lock().expect("nobody panics with it").push(message);
    }

    /// The daemon says that the registry has been started again.
    pub(crate) fn registry_has_changed(&self) {
        let source = ("/org/freedesktop/DBus", DAEMON, "NameOwnerChanged", DAEMON);
        let message = signal_from(source, &body(&(REGISTRY, ":1.2", ":1.3")));
        self.signals.lock().expect("nobody panics with it").push(message);
    }

    /// Whether the daemon has so much to tell that its answers come behind events without end.
    pub(crate) fn flood(&self, floods: bool) {
        self.flood.store(floods, Ordering::Relaxed);
    }

    pub(crate) fn address(&self) -> BusAddress {
        let path = self.folder.path().join("bus");
        BusAddress::Accessibility(format!("unix:path={}", path.display()))
    }

    pub(crate) fn heard(&self) -> Vec<Asked> {
        self.heard.lock().expect("nobody panics with it").clone()
    }
}

/// What whoever has registered is told beside answers.
struct Said {
    waiting: Signals,
    floods: Arc<AtomicBool>,
}

impl Said {
    fn tell(&self, stream: &mut UnixStream) -> io::Result<()> {
        for signal in self.waiting.lock().expect("nobody panics with it").drain(..) {
            stream.write_all(&signal)?;
        }
        let drop = event("StateChanged", "checked", Value::from(0_u32));
        while self.floods.load(Ordering::Relaxed) {
            stream.write_all(&drop)?;
        }
        Ok(())
    }
}

fn event(member: &str, detail: &str, value: Value<'_>) -> Vec<u8> {
    let none: HashMap<&str, Value<'_>> = HashMap::new();
    let source = (BUTTON, "org.a11y.atspi.Event.Object", member, FIRST);
    signal_from(source, &body(&(detail, 0_i32, 0_i32, value, none)))
}

/// Path, interface, member, sender.
fn signal_from(source: (&str, &str, &str, &str), body: &Answer) -> Vec<u8> {
    let Answer::Body(signature, body) = body else { unreachable!("a body is a body") };
    let (path, interface, member, sender) = source;
    let fields = [
        (1, Value::from(ObjectPath::try_from(path).expect("a path"))),
        (2, Value::from(interface)),
        (3, Value::from(member)),
        (7, Value::from(sender)),
        (8, signature_of(signature)),
    ];
    message(&fields, 4, body)
}

fn serve(
    mut stream: UnixStream,
    whim: &Whim,
    heard: &Mutex<Vec<Asked>>,
    said: &Said,
) -> io::Result<()> {
    greet(&mut stream)?;
    let mut registered = false;
    loop {
        let asked = read(&mut stream)?;
        registered |= asked.is("RegisterEvent");
        if registered && asked.bus_name == DAEMON {
            said.tell(&mut stream)?;
        }
        heard.lock().expect("nobody panics with it").push(asked.clone());
        let answer = match asked.bus_name.as_str() {
            DAEMON => daemon(&asked),
            REGISTRY => registry(&asked),
            FIRST => whim(&asked).unwrap_or_else(|| good(&asked)),
            _ => good(&asked),
        };
        if !say(&mut stream, asked.serial, answer)? {
            return Ok(());
        }
    }
}

fn serve_peer(mut stream: UnixStream, peer: &Peer, heard: &Mutex<Vec<Asked>>) -> io::Result<()> {
    match peer.greets {
        Greets::Well => greet(&mut stream)?,
        Greets::NotAtAll | Greets::Silently => {
            let mut nothing = Vec::new();
            return stream.read_to_end(&mut nothing).map(drop);
        }
        Greets::Badly => return stream.write_all(&[b'?'; 4_096]),
        Greets::Refusing => {
            stream.write_all(b"REJECTED\r\n")?;
            return stream.shutdown(std::net::Shutdown::Both);
        }
        Greets::Leaving => return greet(&mut stream),
    }
    loop {
        let asked = Asked { bus_name: PEER.to_owned(), ..read(&mut stream)? };
        heard.lock().expect("nobody panics with it").push(asked.clone());
        // Its objects have the name that it has on the bus.
        let named = Asked { bus_name: FIRST.to_owned(), ..asked };
        let answer = (peer.whim)(&named).unwrap_or_else(|| good(&named));
        if !say(&mut stream, named.serial, answer)? {
            return Ok(());
        }
    }
}

/// Whether the connection goes on.
fn say(stream: &mut UnixStream, to: u32, answer: Answer) -> io::Result<bool> {
    match answer {
        Answer::Body(signature, bytes) => stream.write_all(&reply(to, &signature, &bytes))?,
        Answer::Error(name) => {
            let fields = [(5, Value::from(to)), (4, Value::from(name))];
            stream.write_all(&message(&fields, 3, &[]))?;
        }
        Answer::Nothing => {}
        Answer::Endless(bytes) => endless(stream, to, bytes)?,
        Answer::Bytes(bytes) => stream.write_all(&bytes)?,
        Answer::HangUp => return Ok(false),
    }
    Ok(true)
}

fn daemon(asked: &Asked) -> Answer {
    match asked.member.as_str() {
        "Hello" => body(&":1.9"),
        "AddMatch" => body(&()),
        "ListNames" => body(&[FIRST, SECOND].as_slice()),
        "GetConnectionUnixProcessID" => body(&4_242_u32),
        _ => Answer::Error("org.freedesktop.DBus.Error.UnknownMethod"),
    }
}

fn registry(asked: &Asked) -> Answer {
    match asked.member.as_str() {
        "RegisterEvent" => body(&()),
        "GetChildren" => body(&vec![reference(FIRST, ROOT), reference(SECOND, ROOT)]),
        _ => Answer::Error("org.freedesktop.DBus.Error.UnknownMethod"),
    }
}

/// SASL, as much of it as a client needs.
fn greet(stream: &mut UnixStream) -> io::Result<()> {
    loop {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            line.push(byte[0]);
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_start_matches('\0').trim_end();
        if text.starts_with("AUTH") {
            stream.write_all(b"OK 0123456789abcdef0123456789abcdef\r\n")?;
        } else if text == "BEGIN" {
            return Ok(());
        } else {
            stream.write_all(b"ERROR\r\n")?;
        }
    }
}

fn read(stream: &mut UnixStream) -> io::Result<Asked> {
    let mut header = [0; 16];
    stream.read_exact(&mut header)?;
    let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("four bytes"));
    let (body_bytes, serial, field_bytes) = (word(4) as usize, word(8), word(12) as usize);
    let mut rest = vec![0; (16 + field_bytes).next_multiple_of(8) - 16 + body_bytes];
    stream.read_exact(&mut rest)?;
    let body = rest.split_off(rest.len() - body_bytes);
    let fields = [&header[12..], &rest[..field_bytes]].concat();
    let data = Data::new(fields, Context::new_dbus(Endian::Little, 12));
    let (fields, _) = data.deserialize::<Vec<(u8, OwnedValue)>>().map_err(io::Error::other)?;
    let fields: HashMap<u8, OwnedValue> = fields.into_iter().collect();
    let text = |code: u8| match fields.get(&code).map(|value| &**value) {
        Some(Value::Str(text)) => text.to_string(),
        Some(Value::ObjectPath(path)) => path.to_string(),
        _ => String::new(),
    };
    let (path, interface, member, bus_name) = (text(1), text(2), text(3), text(6));
    Ok(Asked { serial, bus_name, path, interface, member, body })
}

fn signature_of(signature: &str) -> Value<'static> {
    let signature = zbus::zvariant::Signature::try_from(signature).expect("a signature");
    Value::Signature(signature)
}

pub(crate) fn reply(reply_to: u32, signature: &str, body: &[u8]) -> Vec<u8> {
    let mut fields = vec![(5, Value::from(reply_to))];
    if !signature.is_empty() {
        fields.push((8, signature_of(signature)));
    }
    message(&fields, 2, body)
}

/// A reply (2), an error (3) or a signal (4).
fn message(fields: &[(u8, Value<'_>)], kind: u8, body: &[u8]) -> Vec<u8> {
    let fields = to_bytes(Context::new_dbus(Endian::Little, 12), fields).expect("plain data");
    let mut bytes = vec![b'l', kind, 1, 1];
    bytes.extend(u32::try_from(body.len()).expect("a small body").to_le_bytes());
    // Nobody looks at the serial of a reply, as long as there is one.
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend_from_slice(&fields);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes.extend_from_slice(body);
    bytes
}

/// A string of that many bytes, written in small pieces.
fn endless(stream: &mut UnixStream, reply_to: u32, bytes: u32) -> io::Result<()> {
    let mut head = reply(reply_to, "v", &[]);
    head[4..8].copy_from_slice(&(bytes + 9).to_le_bytes());
    // A variant of a string: its signature, its length, its bytes, a zero.
    head.extend([1, b's', 0, 0]);
    head.extend(bytes.to_le_bytes());
    stream.write_all(&head)?;
    let piece = [b'x'; 64 * 1024];
    let mut left = bytes as usize;
    while left > 0 {
        let count = left.min(piece.len());
        stream.write_all(&piece[..count])?;
        left -= count;
    }
    stream.write_all(&[0])
}

/// That the signature of a type is what a message carries.
pub(crate) fn typed<T: Type>(bytes: Vec<u8>) -> Answer {
    Answer::Body(T::SIGNATURE.to_string_no_parens(), bytes)
}
