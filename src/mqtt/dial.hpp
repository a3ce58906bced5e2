// Opens the bytes under a client: name, address, TCP, and TLS where asked.
#pragma once

#include "mqtt/client.hpp"

namespace salus::mqtt {

// A stream whose handshake() is still to be done. Errors: unavailable, timed_out, invalid (files of `address.tls`).
asio::awaitable<Result<std::unique_ptr<Stream>>> open_stream(ServerAddress address, milliseconds within);

}  // namespace salus::mqtt
