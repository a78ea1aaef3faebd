//! Runs commands by turns and says how long each took: `stopwatch LAPS DIRECTORY -- COMMAND... [-- COMMAND...]`. What a command
//! prints is read to its end, as a person's pipe would, and counted. A command that starts in a millisecond needs a watch that is
//! faster than a script.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const READ_BYTES: usize = 256 << 10;

/// What one run of a command came to.
struct Lap {
    elapsed: Duration,
    bytes: usize,
    lines: usize,
    exit: Option<i32>,
}

#[expect(clippy::print_stdout, reason = "a program for scripts")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let parts: Vec<&[String]> = arguments.split(|word| word == "--").collect();
    let [[laps, directory], commands @ ..] = parts.as_slice() else {
        return Err("usage: stopwatch LAPS DIRECTORY -- COMMAND... [-- COMMAND...]".into());
    };
    let mut taken: Vec<Vec<Lap>> = commands.iter().map(|_| Vec::new()).collect();
    for _ in 0..laps.parse::<usize>()? {
        for (command, laps) in commands.iter().zip(&mut taken) {
            laps.push(run(command, Path::new(directory))?);
        }
    }
    println!("{}", Value::from_iter(taken.iter().map(|laps| told(laps))));
    Ok(())
}

fn run(command: &[String], directory: &Path) -> std::io::Result<Lap> {
    let [program, arguments @ ..] = command else { return Err(std::io::ErrorKind::InvalidInput.into()) };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut buffer = vec![0; READ_BYTES];
    let (mut bytes, mut lines) = (0, 0);
    let since = Instant::now();
    let mut child = command.spawn()?;
    if let Some(mut stdout) = child.stdout.take() {
        loop {
            let count = stdout.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            bytes += count;
            lines += buffer[..count].iter().filter(|byte| **byte == b'\n').count();
        }
    }
    let status = child.wait()?;
    Ok(Lap { elapsed: since.elapsed(), bytes, lines, exit: status.code() })
}

fn told(laps: &[Lap]) -> Value {
    json!({
        "elapsed_us": laps.iter().map(|lap| lap.elapsed.as_secs_f64() * 1e6).collect::<Vec<_>>(),
        "bytes": laps.iter().map(|lap| lap.bytes).collect::<Vec<_>>(),
        "lines": laps.iter().map(|lap| lap.lines).collect::<Vec<_>>(),
        "exit": laps.iter().map(|lap| lap.exit).collect::<Vec<_>>(),
    })
}
