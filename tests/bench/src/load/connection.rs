//! One kept HTTP/1.1 connection: requests are bytes made beforehand, and of an answer its status, its length and its body are read.

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request as it is written, and the status it expects.
#[derive(Debug, Clone)]
pub struct Request {
    bytes: Bytes,
    status: u16,
}

impl Request {
    /// A GET that expects 200.
    pub fn get(path: &str, headers: &[(&str, &str)]) -> Self {
        Self { bytes: head("GET", path, headers, "").into(), status: 200 }
    }

    /// A POST of JSON.
    pub fn post(path: &str, headers: &[(&str, &str)], body: &str, status: u16) -> Self {
        let text = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        Self { bytes: format!("{}{body}", head("POST", path, headers, &text)).into(), status }
    }
}

fn head(method: &str, path: &str, headers: &[(&str, &str)], more: &str) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{more}\r\n")
}

/// A kept connection. It is opened again when the server closes it.
#[derive(Debug)]
pub struct Connection {
    address: String,
    stream: Option<TcpStream>,
    buffer: BytesMut,
    /// Where the body of the last answer lies in the buffer.
    body: std::ops::Range<usize>,
}

/// What an answer's head says.
struct Head {
    length: usize,
    status: u16,
    body: usize,
    closes: bool,
}

impl Connection {
    /// To `host:port`.
    pub async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.ok();
        if let Some(stream) = &stream {
            let _ = stream.set_nodelay(true);
        }
        Self { address: address.to_owned(), stream, buffer: BytesMut::with_capacity(64 * 1024), body: 0..0 }
    }

    /// Sends a request and reads the answer to its end.
    ///
    /// # Errors
    /// What went wrong, or what was answered with another status.
    pub async fn ask(&mut self, request: &Request) -> Result<(), String> {
        let answered = self.exchange(&request.bytes).await;
        match answered {
            Ok(head) => {
                if head.closes {
                    self.stream = None;
                }
                if head.status == request.status { Ok(()) } else { Err(format!("{} {}", head.status, String::from_utf8_lossy(self.body()))) }
            }
            Err(error) => {
                self.stream = None;
                Err(error.to_string())
            }
        }
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        self.buffer.get(self.body.clone()).unwrap_or_default()
    }

    async fn exchange(&mut self, request: &[u8]) -> std::io::Result<Head> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(&self.address).await?;
                stream.set_nodelay(true)?;
                none.insert(stream)
            }
        };
        stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(head) = Head::read(&self.buffer)? {
                break head;
            }
        };
        let end = head.body + head.length;
        while self.buffer.len() < end {
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        self.body = head.body..end;
        Ok(head)
    }
}

impl Head {
    /// Nothing while the head is not complete.
    fn read(bytes: &[u8]) -> std::io::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let malformed = || std::io::Error::new(std::io::ErrorKind::InvalidData, "an answer that is no HTTP/1.1 with a length");
        let text = std::str::from_utf8(&bytes[..end]).map_err(|_| malformed())?;
        let status = text.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(malformed)?;
        let mut head = Self { length: 0, status, body: end + 4, closes: false };
        for line in text.lines().skip(1) {
            let Some((name, value)) = line.split_once(':') else { continue };
            if name.eq_ignore_ascii_case("content-length") {
                head.length = value.trim().parse().map_err(|_| malformed())?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                return Err(malformed());
            } else if name.eq_ignore_ascii_case("connection") {
                head.closes = value.trim().eq_ignore_ascii_case("close");
            }
        }
        Ok(Some(head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_whole() {
        let request = Request::post("/x", &[("A", "b")], "{}", 201);
        let text = "POST /x HTTP/1.1\r\nHost: localhost\r\nA: b\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!((&request.bytes[..], request.status), (text.as_bytes(), 201));
    }

    #[test]
    fn a_head_is_read_once_it_is_complete() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{}";
        let head = Head::read(text).unwrap().unwrap();
        assert_eq!((head.status, head.length, head.body, head.closes), (200, 12, text.len() - 2, true));
        assert!(Head::read(&text[..30]).unwrap().is_none());
        assert!(Head::read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }
}
