//! What a message means, as lines of `path = value`, and what structs it is made of: a serde serializer that knows nothing of
//! the wire, so that a vector's meaning is not derived from the bytes it explains.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::value::Error;
use serde::ser::{Error as _, Impossible, SerializeSeq, SerializeStruct, SerializeTuple, Serializer};

/// A message taken apart.
#[derive(Default)]
pub(crate) struct Meaning {
    path: Vec<String>,
    /// Path and value of everything in it, in the order of the wire.
    pub(crate) lines: Vec<(String, String)>,
    /// The structs met, with name and wire type of each field.
    pub(crate) structs: BTreeMap<&'static str, Vec<(&'static str, String)>>,
}

impl Meaning {
    /// Takes a message apart. Lists must have an element and options a value, or their types stay unknown (`?`).
    pub(crate) fn of(value: &impl Serialize) -> Meaning {
        let mut meaning = Meaning::default();
        value.serialize(&mut meaning).unwrap();
        meaning
    }

    fn leaf(&mut self, wire_type: &str, value: String) -> Result<String, Error> {
        self.lines.push((self.path.join("."), value));
        Ok(wire_type.to_owned())
    }

    fn child(&mut self, segment: &str, value: &(impl Serialize + ?Sized)) -> Result<String, Error> {
        self.path.push(segment.to_owned());
        let wire_type = value.serialize(&mut *self);
        self.path.pop();
        wire_type
    }
}

/// Bytes in double quotes; what is not printable ASCII as `\xNN`.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    let escaped = bytes.iter().map(|byte| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(*byte)),
        0x20..=0x7e => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// A list, a pair or a struct under way.
pub(crate) struct Compound<'a> {
    meaning: &'a mut Meaning,
    name: &'static str,
    fields: Vec<(&'static str, String)>,
    count: usize,
    element: String,
}

fn compound<'a>(meaning: &'a mut Meaning, name: &'static str) -> Compound<'a> {
    Compound { meaning, name, fields: Vec::new(), count: 0, element: "?".to_owned() }
}

impl SerializeSeq for Compound<'_> {
    type Ok = String;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.element = self.meaning.child(&self.count.to_string(), value)?;
        self.count += 1;
        Ok(())
    }

    fn end(self) -> Result<String, Error> {
        Ok(if self.element == "pair" { "ext".to_owned() } else { format!("[{}]", self.element) })
    }
}

/// The one tuple of the protocol is an entry of `ext`.
impl SerializeTuple for Compound<'_> {
    type Ok = String;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let segment = if self.count == 0 { "tag" } else { "value" };
        self.count += 1;
        self.meaning.child(segment, value).map(drop)
    }

    fn end(self) -> Result<String, Error> {
        Ok("pair".to_owned())
    }
}

impl SerializeStruct for Compound<'_> {
    type Ok = String;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        let wire_type = self.meaning.child(name, value)?;
        self.fields.push((name, wire_type));
        Ok(())
    }

    fn end(self) -> Result<String, Error> {
        self.meaning.structs.insert(self.name, self.fields);
        Ok(self.name.to_owned())
    }
}

/// Types the protocol does not use.
macro_rules! unused {
    ($($method:ident($($argument:ty),*) -> $ok:ty),* $(,)?) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$ok, Error> {
            Err(Error::custom(concat!(stringify!($method), " has no form in the protocol")))
        })*
    };
}

impl<'a> Serializer for &'a mut Meaning {
    type Ok = String;
    type Error = Error;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeTupleStruct = Impossible<String, Error>;
    type SerializeTupleVariant = Impossible<String, Error>;
    type SerializeMap = Impossible<String, Error>;
    type SerializeStructVariant = Impossible<String, Error>;

    fn serialize_bool(self, v: bool) -> Result<String, Error> {
        self.leaf("bool", v.to_string())
    }

    fn serialize_u8(self, v: u8) -> Result<String, Error> {
        self.leaf("u8", v.to_string())
    }

    fn serialize_u16(self, v: u16) -> Result<String, Error> {
        self.leaf("u16", v.to_string())
    }

    fn serialize_u32(self, v: u32) -> Result<String, Error> {
        self.leaf("u32", v.to_string())
    }

    fn serialize_u64(self, v: u64) -> Result<String, Error> {
        self.leaf("u64", v.to_string())
    }

    fn serialize_str(self, v: &str) -> Result<String, Error> {
        self.leaf("string", quoted(v.as_bytes()))
    }

    fn serialize_bytes(self, v: &[u8]) -> Result<String, Error> {
        self.leaf("bytes", quoted(v))
    }

    fn serialize_none(self) -> Result<String, Error> {
        self.leaf("??", "absent".to_owned())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<String, Error> {
        value.serialize(self).map(|wire_type| wire_type + "?")
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<String, Error> {
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Compound<'a>, Error> {
        let count = length.ok_or_else(|| Error::custom("a list must know its length"))?;
        self.lines.push((format!("{}.count", self.path.join(".")), count.to_string()));
        Ok(compound(self, ""))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'a>, Error> {
        Ok(compound(self, ""))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'a>, Error> {
        Ok(compound(self, name))
    }

    unused! {
        serialize_i8(i8) -> String,
        serialize_i16(i16) -> String,
        serialize_i32(i32) -> String,
        serialize_i64(i64) -> String,
        serialize_f32(f32) -> String,
        serialize_f64(f64) -> String,
        serialize_char(char) -> String,
        serialize_unit() -> String,
        serialize_unit_struct(&'static str) -> String,
        serialize_unit_variant(&'static str, u32, &'static str) -> String,
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant,
        serialize_map(Option<usize>) -> Self::SerializeMap,
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant,
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<String, Error> {
        Err(Error::custom("enums that carry data have no form in the protocol"))
    }
}
