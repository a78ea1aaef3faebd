//! The golden vectors as text: what the files under `tests/vectors/` must be. The example `vectors` writes them, the tests
//! compare them with what is committed. The format is described at the end of PROTOCOL.md.

pub(crate) mod meaning;
mod observe;
pub(crate) mod values;

use std::fmt::Debug;

use vigie_proto::preface::Preface;
use vigie_proto::{Message, frame_bytes};

use meaning::Meaning;

/// The sentence of the refusal's vector.
pub(crate) const REFUSAL: &str = "vigied 0.1.0 speaks protocol 1 to 1, you speak 7 to 9: update vigied and restart it";

/// One file of vectors.
pub(crate) struct Vector {
    /// Name of the file.
    pub(crate) file: String,
    /// Everything in it.
    pub(crate) text: String,
}

/// What is done with each golden value in turn.
pub(crate) trait Visitor {
    /// Takes a value and what its frame's header says beside its kind.
    fn visit<T: Message + Debug + PartialEq>(&mut self, id: u64, fin: bool, value: T);
}

/// Every vector there is.
pub(crate) fn vectors() -> Vec<Vector> {
    let mut writer = Writer(vec![preface("preface", Preface::OURS.encode().to_vec(), ""), refusal()]);
    values::each(&mut writer);
    writer.0
}

struct Writer(Vec<Vector>);

impl Visitor for Writer {
    fn visit<T: Message + Debug + PartialEq>(&mut self, id: u64, fin: bool, value: T) {
        let bytes = frame_bytes(id, fin, &value).unwrap();
        let meaning = Meaning::of(&value);
        let mut text = String::new();
        for (name, fields) in &meaning.structs {
            let fields: Vec<String> = fields.iter().map(|(name, wire_type)| format!("{name} {wire_type}")).collect();
            text += &format!("# {name}: {}\n", fields.join(", "));
        }
        text += &hex_lines(&bytes);
        text += &format!("header.body_bytes = {}\nheader.kind = {}\n", bytes.len() - 16, T::KIND.0);
        text += &format!("header.flags = {}\nheader.rev = {}\nheader.id = {id}\n", bytes[6], T::REV);
        for (path, value) in &meaning.lines {
            text += &format!("{path} = {value}\n");
        }
        self.0.push(Vector { file: format!("{}-{}.txt", T::KIND.0, T::NAME), text });
    }
}

fn refusal() -> Vector {
    preface("preface-refusal", Preface::refusal(REFUSAL), REFUSAL)
}

fn preface(name: &str, bytes: Vec<u8>, sentence: &str) -> Vector {
    let Preface { version_min, version_max, .. } = Preface::OURS;
    let text = format!(
        "{}version_min = {version_min}\nversion_max = {version_max}\nrefused = {}\nsentence_bytes = {}\nsentence = {}\n",
        hex_lines(&bytes),
        !sentence.is_empty(),
        sentence.len(),
        meaning::quoted(sentence.as_bytes()),
    );
    Vector { file: format!("{name}.txt"), text }
}

fn hex_lines(bytes: &[u8]) -> String {
    let line = |chunk: &[u8]| chunk.iter().map(|byte| format!(" {byte:02x}")).collect::<String>();
    bytes.chunks(16).map(|chunk| format!("hex{}\n", line(chunk))).collect()
}
