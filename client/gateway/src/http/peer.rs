//! Who is at the other end of a connection. Over TCP the kernel says whose socket a pair of addresses is, as long as both ends are on
//! this machine (`/proc/net/tcp`, `/proc/net/tcp6`); over a Unix socket it says so itself.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A process of ours, over the Unix socket.
    Unix,
    /// A process of ours on this machine.
    Ours,
    /// A process of another user on this machine.
    Theirs(u32),
    /// Somebody on this machine of whom the kernel does not say who it is, as through a forwarded port of a container.
    Unknown,
    /// Another machine.
    Remote,
}

impl Peer {
    /// Who connected from `peer` to us at `local`. Blocks.
    pub(crate) fn of_tcp(peer: SocketAddr, local: SocketAddr, uid: u32) -> Peer {
        if !peer.ip().to_canonical().is_loopback() {
            return Peer::Remote;
        }
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
        let owner = tables.iter().find_map(|table| owner(&fs::read_to_string(table).ok()?, peer, local));
        match owner {
            Some(owner) if owner == uid => Peer::Ours,
            Some(owner) => Peer::Theirs(owner),
            None => Peer::Unknown,
        }
    }
}

/// Whose socket it is that is bound to `near` and connected to `far`, by a table of the kernel's. A socket that its process has closed
/// is listed as root's, without an inode: it is nobody's.
fn owner(table: &str, near: SocketAddr, far: SocketAddr) -> Option<u32> {
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [_, local, remote, _, _, _, _, uid, _, inode, ..] = fields[..] else { return None };
        let is_it = is_same(address(local)?, near) && is_same(address(remote)?, far) && inode != "0";
        is_it.then(|| uid.parse().ok())?
    })
}

/// An IPv4 address may be written as one of IPv6.
fn is_same(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() == b.port() && a.ip().to_canonical() == b.ip().to_canonical()
}

/// Reads `0100007F:1F90`: words of four bytes, each in the machine's own order.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| Some(u32::from_str_radix(ip.get(at * 8..at * 8 + 8)?, 16).ok()?.to_ne_bytes());
    let ip = match ip.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0; 16];
            for (at, place) in bytes.chunks_exact_mut(4).enumerate() {
                place.copy_from_slice(&word(at)?);
            }
            IpAddr::V6(Ipv6Addr::from(bytes))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    const TABLE: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1 0 100 0 0 10 0
   1: 0100007F:A000 0100007F:0BB8 01 00000000:00000000 00:00000000 00000000  1000        0 101 1 0 20 4 30 10 -1
   2: 0100007F:A001 0100007F:0BB8 06 00000000:00000000 03:00001737 00000000     0        0 0 3 0
   3: 0100007F:0BB8 0100007F:A000 01 00000000:00000000 00:00000000 00000000     7        0 102 1 0 20 4 30 10 -1
";
    const TABLE_6: &str = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000100007F:A002 0000000000000000FFFF00000100007F:0BB8 01 00000000:00000000 00:00000000 00000000  1001        0 103 1
   1: 00000000000000000000000001000000:A003 00000000000000000000000001000000:0BB8 01 00000000:00000000 00:00000000 00000000  1002        0 104 1
";

    #[test]
    fn the_socket_of_the_other_end_is_found_by_both_addresses() {
        let near = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let far = near(3000);
        assert_eq!(owner(TABLE, near(0xA000), far), Some(1000));
        assert_eq!(owner(TABLE, near(0xA001), far), None, "a closed socket is not root's");
        assert_eq!(owner(TABLE, near(0xA009), far), None);
        assert_eq!(owner(TABLE_6, near(0xA002), far), Some(1001), "an IPv4 address within IPv6");
        let six = |port| SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port);
        assert_eq!(owner(TABLE_6, six(0xA003), six(3000)), Some(1002));
        assert_eq!(owner("x\ny z\n0: 1:1 2:2\n", far, far), None);
    }

    #[test]
    fn the_kernel_says_whose_a_connection_is() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, peer) = listener.accept().unwrap();
        let local = stream.local_addr().unwrap();
        let uid = vigie::Environment::current().uid;
        assert_eq!(Peer::of_tcp(peer, local, uid), Peer::Ours);
        assert_eq!(Peer::of_tcp(peer, local, uid + 1), Peer::Theirs(uid));
        assert_eq!(Peer::of_tcp(SocketAddr::from(([192, 0, 2, 1], 9)), local, uid), Peer::Remote);
    }
}
