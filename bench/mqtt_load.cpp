// A load generator that costs as little as it can, because it shares the cores with what it measures: one thread,
// epoll, packets made once and patched in place. Speaks just enough MQTT 3.1.1, and the same to any broker.
//
//   bench_mqtt_load --port 1883 --connections 50 --window 20 --seconds 10 [--rate N] [--prefix bench-] [--key KEY]
//   [--waves N]
//
// Prints one JSON object: messages acknowledged, rate, and the acknowledgement's latency (with --rate: from the moment
// a message was due, so that a stall counts against every message that it held up).
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <deque>
#include <vector>

#include "base/digest.hpp"
#include "device/waveform_frame.hpp"

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t now_ns() {
  return Clock::now().time_since_epoch().count();
}
std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct Options {
  std::string host = "127.0.0.1";
  int port = 1883;
  int connections = 50;
  int window = 20;
  double seconds = 10;
  double rate = 0;  // messages a second over all connections; 0: as fast as the window allows
  std::string prefix = "bench-";
  std::string key;
  int wave_samples = 0;  // samples in a waveform frame; 0: vitals as JSON
};

void put_string(std::string& out, const std::string& text) {
  out.push_back(static_cast<char>(text.size() >> 8));
  out.push_back(static_cast<char>(text.size()));
  out += text;
}

std::string packet(unsigned char first, const std::string& rest) {
  std::string out(1, static_cast<char>(first));
  std::size_t length = rest.size();
  do {
    unsigned char byte = length & 0x7F;
    length >>= 7;
    if (length > 0) byte |= 0x80;
    out.push_back(static_cast<char>(byte));
  } while (length > 0);
  return out + rest;
}

struct Connection {
  int fd = -1;
  std::string device;
  std::string message;  // one PUBLISH; time, sequence and packet id are patched
  std::size_t id_at = 0, time_at = 0, sequence_at = 0;
  std::uint16_t next_id = 1;
  std::uint64_t sequence = 1'000'000;
  std::deque<std::int64_t> sent_at;  // of unacknowledged messages, in order
  std::string out;
  std::string in;
  bool connected = false;
  std::int64_t time_ms = 0;
  std::string wave;  // the frame within the message
};

class Load {
 public:
  explicit Load(Options options) : options_(std::move(options)) {}

  int run() {
    poll_ = epoll_create1(0);
    connections_.resize(static_cast<std::size_t>(options_.connections));
    for (std::size_t i = 0; i < connections_.size(); ++i)
      if (!open(connections_[i], i)) return fmt::print(stderr, "cannot connect to port {}\n", options_.port), 1;
    const std::int64_t ready_deadline = now_ns() + 20'000'000'000;
    while (ready_ < connections_.size()) {
      if (!wait(100) || now_ns() > ready_deadline)
        return fmt::print(stderr, "{} of {} connections were let in\n", ready_, connections_.size()), 1;
    }
    const std::int64_t begin = now_ns(), end = begin + static_cast<std::int64_t>(options_.seconds * 1e9);
    begin_ = begin;
    for (Connection& connection : connections_) fill(connection);
    while (now_ns() < end) {
      if (!wait(options_.rate > 0 ? 1 : 100)) return fmt::print(stderr, "a connection was closed by the broker\n"), 1;
      if (options_.rate > 0)
        for (Connection& connection : connections_) fill(connection);
    }
    const double took = static_cast<double>(now_ns() - begin) / 1e9;
    report(took);
    return 0;
  }

 private:
  bool open(Connection& connection, std::size_t index) {
    connection.device = fmt::format("{}{}", options_.prefix, index);
    connection.fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    inet_pton(AF_INET, options_.host.c_str(), &address.sin_addr);
    if (connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return false;
    const int one = 1;
    setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    std::string rest;
    put_string(rest, "MQTT");
    rest.push_back(4);
    rest.push_back(static_cast<char>(options_.key.empty() ? 0x02 : 0xC2));
    rest.append({0, 60});
    put_string(rest, connection.device);
    if (!options_.key.empty()) {
      put_string(rest, connection.device);
      put_string(rest, options_.key);
    }
    connection.out = packet(0x10, rest);
    if (options_.wave_samples > 0)
      make_wave(connection);
    else
      make_vitals(connection);
    flush(connection);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    return epoll_ctl(poll_, EPOLL_CTL_ADD, connection.fd, &event) == 0;
  }

  void make_vitals(Connection& connection) {
    connection.time_ms = wall_ms();
    const std::string payload =
        fmt::format(R"({{"t":{},"seq":{},"hr":72,"spo2":97,"rr":16,"nibp_sys":121,"nibp_dia":79,"temp":36.8}})",
                    connection.time_ms, connection.sequence);
    std::string rest;
    put_string(rest, fmt::format("devices/{}/telemetry", connection.device));
    const std::size_t id_in_rest = rest.size();
    rest.append({0, 0});
    rest += payload;
    connection.message = packet(0x32, rest);
    const std::size_t shift = connection.message.size() - rest.size();
    connection.id_at = shift + id_in_rest;
    connection.time_at = connection.message.find("\"t\":") + 4;
    connection.sequence_at = connection.message.find("\"seq\":") + 6;
  }

  // One lead at 500 Hz as the device would pack it; time, sequence and checksum are patched for each frame.
  void make_wave(Connection& connection) {
    salus::device::WaveFrame frame;
    frame.period = {2'000'000, 1};
    salus::device::WaveChannel& channel = frame.add_channel();
    channel.mdc = 131330;
    channel.multiplier = 5;
    channel.exponent = 3;
    channel.sample_count = static_cast<std::uint16_t>(options_.wave_samples);
    for (int i = 0; i < options_.wave_samples; ++i)
      channel.samples.push_back(static_cast<std::int32_t>(200 * std::sin(i / 9.0) + 20 * std::sin(i * 2.1)));
    std::string payload;
    if (!salus::device::encode_waveform(frame, payload)) std::abort();
    connection.time_ms = wall_ms() - 86'400'000;
    std::string rest;
    put_string(rest, fmt::format("devices/{}/waveforms", connection.device));
    connection.id_at = rest.size();
    rest.append({0, 0});
    connection.time_at = rest.size();
    rest += payload;
    connection.message = packet(0x32, rest);
    const std::size_t shift = connection.message.size() - rest.size();
    connection.id_at += shift;
    connection.time_at += shift;
    connection.wave = payload;
  }

  void patch(Connection& connection) {
    if (connection.next_id == 0) connection.next_id = 1;
    connection.message[connection.id_at] = static_cast<char>(connection.next_id >> 8);
    connection.message[connection.id_at + 1] = static_cast<char>(connection.next_id);
    ++connection.next_id;
    if (options_.wave_samples > 0) return patch_wave(connection);
    // A second of device time a message would run away from the clock; a millisecond keeps samples apart.
    write_digits(connection.message, connection.time_at, 13, static_cast<std::uint64_t>(++connection.time_ms));
    write_digits(connection.message, connection.sequence_at, 7, ++connection.sequence);
  }
  void patch_wave(Connection& connection) {
    connection.time_ms += 2 * options_.wave_samples;
    ++connection.sequence;
    const auto sequence = static_cast<std::uint32_t>(connection.sequence);
    const std::int64_t time_ns = connection.time_ms * 1'000'000;
    std::memcpy(connection.wave.data() + 4, &sequence, sizeof sequence);
    std::memcpy(connection.wave.data() + 8, &time_ns, sizeof time_ns);
    const std::size_t checked = connection.wave.size() - 4;
    const std::uint32_t crc = salus::crc32c(salus::ByteView(connection.wave).substr(0, checked));
    std::memcpy(connection.wave.data() + checked, &crc, sizeof crc);
    connection.message.replace(connection.time_at, connection.wave.size(), connection.wave);
  }

  static void write_digits(std::string& text, std::size_t at, int digits, std::uint64_t value) {
    for (int i = digits - 1; i >= 0; --i, value /= 10)
      text[at + static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
  }

  void fill(Connection& connection) {
    const std::int64_t now = now_ns();
    while (connection.sent_at.size() < static_cast<std::size_t>(options_.window)) {
      std::int64_t due = now;
      if (options_.rate > 0) {
        due = begin_ + static_cast<std::int64_t>(static_cast<double>(sent_) * 1e9 / options_.rate);
        if (due > now) break;
      }
      patch(connection);
      connection.out += connection.message;
      connection.sent_at.push_back(due);
      ++sent_;
    }
    flush(connection);
  }

  void flush(Connection& connection) {
    while (!connection.out.empty()) {
      const ssize_t n = send(connection.fd, connection.out.data(), connection.out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n <= 0) break;
      connection.out.erase(0, static_cast<std::size_t>(n));
    }
  }

  bool wait(int timeout_ms) {
    epoll_event events[64];
    const int count = epoll_wait(poll_, events, 64, timeout_ms);
    for (int i = 0; i < count; ++i)
      if (!receive(*static_cast<Connection*>(events[i].data.ptr))) return false;
    return true;
  }

  bool receive(Connection& connection) {
    char buffer[16384];
    const ssize_t n = recv(connection.fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return false;
    if (n < 0) return true;
    connection.in.append(buffer, static_cast<std::size_t>(n));
    const std::int64_t now = now_ns();
    std::size_t at = 0;
    while (connection.in.size() - at >= 4) {  // CONNACK and PUBACK both have four bytes
      const auto kind = static_cast<unsigned char>(connection.in[at]) >> 4;
      if (kind == 2) {
        if (connection.in[at + 3] != 0) return false;
        connection.connected = true;
        ++ready_;
      } else if (kind == 4 && !connection.sent_at.empty()) {
        latencies_.push_back(
            static_cast<std::uint32_t>(std::min<std::int64_t>((now - connection.sent_at.front()) / 1000, UINT32_MAX)));
        connection.sent_at.pop_front();
      }
      at += 4;
    }
    connection.in.erase(0, at);
    if (connection.connected && begin_ != 0) fill(connection);
    return true;
  }

  void report(double took) {
    std::ranges::sort(latencies_);
    const auto at = [&](double q) {
      return latencies_.empty()
                 ? 0.0
                 : latencies_[static_cast<std::size_t>(q * static_cast<double>(latencies_.size() - 1))] / 1000.0;
    };
    fmt::print(
        R"({{"acknowledged":{},"seconds":{:.3f},"rate":{:.0f},"samples_rate":{:.0f},"p50_ms":{:.3f},"p99_ms":{:.3f},"p999_ms":{:.3f},"max_ms":{:.3f}}})"
        "\n",
        latencies_.size(), took, static_cast<double>(latencies_.size()) / took,
        static_cast<double>(latencies_.size()) / took * options_.wave_samples, at(0.5), at(0.99), at(0.999), at(1));
  }

  Options options_;
  int poll_ = -1;
  std::vector<Connection> connections_;
  std::size_t ready_ = 0;
  std::int64_t begin_ = 0;
  std::uint64_t sent_ = 0;
  std::vector<std::uint32_t> latencies_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"MQTT load generator"};
  app.add_option("--host", options.host);
  app.add_option("--port", options.port);
  app.add_option("--connections", options.connections);
  app.add_option("--window", options.window);
  app.add_option("--seconds", options.seconds);
  app.add_option("--rate", options.rate);
  app.add_option("--prefix", options.prefix);
  app.add_option("--key", options.key);
  app.add_option("--waves", options.wave_samples);
  CLI11_PARSE(app, argc, argv);
  return Load{options}.run();
}
