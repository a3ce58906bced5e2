#include "mqtt/stream.hpp"

#include <openssl/x509.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/digest.hpp"

namespace salus::mqtt {
namespace {

using asio::ip::tcp;
constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

// What TCP and TLS do alike, on the socket itself.
class SocketStream : public Stream {
 public:
  explicit SocketStream(const tcp::socket& socket) {
    boost::system::error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (!error) peer_ = endpoint.address().to_string();
  }
  asio::awaitable<std::size_t> discard_some(std::span<char> into) override {
    const auto [error, count] = co_await socket().async_read_some(asio::buffer(into.data(), into.size()), awaited);
    co_return error ? 0 : count;
  }
  void stop_reading() override {
    boost::system::error_code ignored;
    socket().shutdown(tcp::socket::shutdown_receive, ignored);
  }
  void stop_writing() override {
    boost::system::error_code ignored;
    socket().shutdown(tcp::socket::shutdown_send, ignored);
  }
  void close() override {
    boost::system::error_code ignored;
    socket().close(ignored);
  }
  std::string peer() const override { return peer_; }

 protected:
  virtual tcp::socket& socket() = 0;

 private:
  std::string peer_;
};

class TcpStream final : public SocketStream {
 public:
  explicit TcpStream(tcp::socket socket) : SocketStream(socket), socket_(std::move(socket)) {}
  asio::awaitable<Result<void>> handshake() override { co_return Result<void>{}; }
  asio::awaitable<std::size_t> read_some(std::span<char> into) override { return discard_some(into); }
  void write(ByteView bytes, std::function<void(bool)> done) override {
    asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()),
                      [done = std::move(done)](const boost::system::error_code& error, std::size_t) { done(!error); });
  }

 private:
  tcp::socket& socket() override { return socket_; }
  tcp::socket socket_;
};

PeerCertificate describe(X509* certificate) {
  PeerCertificate described;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) == 1)
    described.sha256 = to_hex({reinterpret_cast<const char*>(digest), size});
  // The last common name is the most specific one. A NUL inside one is refused: it would read differently elsewhere.
  const X509_NAME* subject = X509_get_subject_name(certificate);
  int at = -1;
  for (int next = -1; (next = X509_NAME_get_index_by_NID(subject, NID_commonName, next)) >= 0;) at = next;
  if (at < 0) return described;
  unsigned char* text = nullptr;
  const int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (length < 0) return described;
  described.common_name.assign(reinterpret_cast<const char*>(text), static_cast<std::size_t>(length));
  OPENSSL_free(text);
  if (described.common_name.find('\0') != std::string::npos) described.common_name.clear();
  return described;
}

class TlsStream final : public SocketStream {
 public:
  TlsStream(tcp::socket socket, asio::ssl::context& context, Side side, const std::string& host)
      : SocketStream(socket), tls_(std::move(socket), context), side_(side) {
    if (side == Side::server || host.empty()) return;
    boost::system::error_code is_name;
    asio::ip::make_address(host, is_name);
    if (is_name) SSL_set_tlsext_host_name(tls_.native_handle(), host.c_str());  // RFC 6066: names only
    tls_.set_verify_callback(asio::ssl::host_name_verification(host));
  }

  asio::awaitable<Result<void>> handshake() override {
    const auto side = side_ == Side::server ? asio::ssl::stream_base::server : asio::ssl::stream_base::client;
    const auto [error] = co_await tls_.async_handshake(side, awaited);
    if (error) co_return fail(ErrorCode::unavailable, "TLS handshake: {}.", error.message());
    X509* certificate = SSL_get1_peer_certificate(tls_.native_handle());
    if (certificate != nullptr && SSL_get_verify_result(tls_.native_handle()) == X509_V_OK)
      certificate_ = describe(certificate);
    X509_free(certificate);
    co_return Result<void>{};
  }
  asio::awaitable<std::size_t> read_some(std::span<char> into) override {
    const auto [error, count] = co_await tls_.async_read_some(asio::buffer(into.data(), into.size()), awaited);
    co_return error ? 0 : count;
  }
  void write(ByteView bytes, std::function<void(bool)> done) override {
    asio::async_write(tls_, asio::buffer(bytes.data(), bytes.size()),
                      [done = std::move(done)](const boost::system::error_code& error, std::size_t) { done(!error); });
  }
  std::optional<PeerCertificate> certificate() const override { return certificate_; }

 private:
  tcp::socket& socket() override { return tls_.next_layer(); }
  asio::ssl::stream<tcp::socket> tls_;
  Side side_;
  std::optional<PeerCertificate> certificate_;
};

}  // namespace

std::unique_ptr<Stream> tcp_stream(tcp::socket socket) {
  return std::make_unique<TcpStream>(std::move(socket));
}

std::unique_ptr<Stream> tls_stream(tcp::socket socket, asio::ssl::context& context, Side side,
                                   const std::string& host) {
  return std::make_unique<TlsStream>(std::move(socket), context, side, host);
}

}  // namespace salus::mqtt
