#include "mqtt/dial.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace salus::mqtt {
namespace {

using asio::ip::tcp;
constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

// The TLS context belongs to the stream that uses it.
class OwningTlsStream final : public Stream {
 public:
  OwningTlsStream(tcp::socket socket, std::unique_ptr<asio::ssl::context> context, const std::string& host)
      : context_(std::move(context)), stream_(tls_stream(std::move(socket), *context_, Side::client, host)) {}
  asio::awaitable<Result<void>> handshake() override { return stream_->handshake(); }
  asio::awaitable<std::size_t> read_some(std::span<char> into) override { return stream_->read_some(into); }
  void write(ByteView bytes, std::function<void(bool)> done) override { stream_->write(bytes, std::move(done)); }
  void stop_reading() override { stream_->stop_reading(); }
  void stop_writing() override { stream_->stop_writing(); }
  asio::awaitable<std::size_t> discard_some(std::span<char> into) override { return stream_->discard_some(into); }
  void close() override { stream_->close(); }
  std::string peer() const override { return stream_->peer(); }

 private:
  std::unique_ptr<asio::ssl::context> context_;
  std::unique_ptr<Stream> stream_;
};

Result<std::unique_ptr<asio::ssl::context>> context_of(const ClientTls& tls) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  boost::system::error_code error;
  context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
  if (!tls.verify) {
    context->set_verify_mode(asio::ssl::verify_none, error);
  } else {
    context->set_verify_mode(asio::ssl::verify_peer, error);
    if (tls.ca_file.empty()) {
      context->set_default_verify_paths(error);
    } else {
      context->load_verify_file(tls.ca_file, error);
      if (error) return fail(ErrorCode::invalid, "CA file '{}': {}.", tls.ca_file, error.message());
    }
  }
  if (tls.certificate_file.empty()) return context;
  context->use_certificate_chain_file(tls.certificate_file, error);
  if (!error) context->use_private_key_file(tls.key_file, asio::ssl::context::pem, error);
  if (error) return fail(ErrorCode::invalid, "Certificate '{}': {}.", tls.certificate_file, error.message());
  return context;
}

asio::awaitable<Result<tcp::socket>> open_socket(ServerAddress address) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver{executor};
  const auto [unknown, found] = co_await resolver.async_resolve(address.host, std::to_string(address.port), awaited);
  if (unknown) co_return fail(ErrorCode::unavailable, "Host '{}': {}.", address.host, unknown.message());
  tcp::socket socket{executor};
  const auto [refused, at] = co_await asio::async_connect(socket, found, awaited);
  if (refused) co_return fail(ErrorCode::unavailable, "{}:{}: {}.", address.host, address.port, refused.message());
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  co_return socket;
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<Stream>>> open_stream(ServerAddress address, milliseconds within) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer limit{co_await asio::this_coro::executor, within};
  auto either = co_await (open_socket(address) || limit.async_wait(awaited));
  if (either.index() == 1)
    co_return fail(ErrorCode::timed_out, "{}:{}: no connection in time.", address.host, address.port);
  Result<tcp::socket>& socket = std::get<0>(either);
  if (!socket) co_return fail(socket.error());
  if (!address.tls) co_return tcp_stream(std::move(*socket));
  auto context = context_of(*address.tls);
  if (!context) co_return fail(context.error());
  const std::string host = address.tls->verify ? address.host : std::string{};
  co_return std::make_unique<OwningTlsStream>(std::move(*socket), std::move(*context), host);
}

}  // namespace salus::mqtt
