//! What the protocol promises, held against the encoder, the decoder, the committed vectors and PROTOCOL.md.

mod allocation;
mod bodies;
mod dice;
mod document;
mod frames;
mod golden;
mod preface;
mod vectors;
