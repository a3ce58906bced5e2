// The bytes of one connection, whatever carries them: TCP or TLS (stream.cpp); anything else that can do this may be
// handed to Server::adopt().
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace salus::mqtt {

namespace asio = boost::asio;

struct PeerCertificate {
  std::string sha256;  // hex, of the DER
  std::string common_name;
};

// Lifetime: outlives every operation on it. Threads: that of its executor. close() ends every operation.
class Stream {
 public:
  virtual ~Stream() = default;

  // What must happen before bytes can flow. Errors: unavailable (with the TLS library's reason).
  virtual asio::awaitable<Result<void>> handshake() = 0;

  // At least one byte into `into`, or 0: end, error, closed, or reading stopped.
  virtual asio::awaitable<std::size_t> read_some(std::span<char> into) = 0;

  // Writes all of `bytes`, which must stay until `done(whether it worked)` is called, never from inside. One at a time.
  virtual void write(ByteView bytes, std::function<void(bool)> done) = 0;

  // A pending read ends, and later ones find nothing; writing goes on.
  virtual void stop_reading() = 0;

  // Tells the peer that nothing more comes.
  virtual void stop_writing() = 0;

  // Reads and forgets whatever the peer still sends, so that closing does not reset the connection under our last
  // words. 0 at the end.
  virtual asio::awaitable<std::size_t> discard_some(std::span<char> into) = 0;

  virtual void close() = 0;

  virtual std::string peer() const = 0;
  // Of a peer whose certificate the TLS layer has verified.
  virtual std::optional<PeerCertificate> certificate() const { return std::nullopt; }
};

std::unique_ptr<Stream> tcp_stream(asio::ip::tcp::socket socket);

enum class Side : std::uint8_t { server, client };
// `host` (client only): the name that the certificate must bear, also sent as SNI; not checked when empty.
std::unique_ptr<Stream> tls_stream(asio::ip::tcp::socket socket, asio::ssl::context& context, Side side,
                                   const std::string& host = {});

}  // namespace salus::mqtt
