// Requests mean the same however their bytes arrive: whole or one by one gives the same requests, bodies and refusal.
// What is accepted stays within its bounds, and its target never leaves its tree.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "base/assert.hpp"
#include "http/gzip.hpp"
#include "http/message_reader.hpp"
#include "http/target.hpp"

namespace {

using namespace salus;
using namespace salus::http;

constexpr std::size_t kBodyMax = 4096;

struct Reading {
  std::vector<std::string> requests;
  int refused = 0;
  bool operator==(const Reading&) const = default;
};

std::string describe(const Head& head, const std::string& body) {
  std::string text = head.method + " " + head.target + " " + std::to_string(head.minor_version);
  for (const auto& [name, value] : head.headers) text += "\n" + name + ":" + value;
  return text + "\n\n" + body;
}

void check(const Head& head, const std::string& body) {
  SALUS_ASSERT(body.size() <= kBodyMax);
  SALUS_ASSERT(head.framing != Framing::length || body.size() == head.content_length);
  SALUS_ASSERT(head.framing != Framing::none || body.empty());
  for (const auto& [name, value] : head.headers)
    SALUS_ASSERT(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos && !name.empty());
  if (const Result<Target> target = parse_target(head.target))
    for (const std::string& segment : target->segments)
      SALUS_ASSERT(segment != ".." && segment != "." && !segment.empty() && segment.find('/') == std::string::npos);
  const Result<std::string> plain = gunzip(body, {.bytes_max = 1 << 20});
  SALUS_ASSERT(!plain || plain->size() <= std::max<std::size_t>(64 << 10, body.size() * 100));
}

Reading read(std::string_view bytes, std::size_t step) {
  Reading reading;
  MessageReader reader{2048};
  std::optional<Head> head;
  const auto advance = [&] {
    for (;;) {
      if (!head) {
        auto next = reader.read_head();
        if (!next) return reading.refused = next.error().status, false;
        if (!*next) return true;
        head = std::move(**next);
        if (head->framing == Framing::length && head->content_length > kBodyMax) return reading.refused = 413, false;
        reader.begin_body(*head, kBodyMax);
      }
      const auto whole = reader.read_body();
      if (!whole) return reading.refused = whole.error().status, false;
      if (!*whole) return true;
      const std::string body = reader.take_body();
      check(*head, body);
      reading.requests.push_back(describe(*head, body));
      head.reset();
    }
  };
  while (!bytes.empty()) {
    const std::span<char> room = reader.prepare();
    const std::size_t count = std::min({step, room.size(), bytes.size()});
    std::memcpy(room.data(), bytes.data(), count);
    reader.commit(count);
    bytes.remove_prefix(count);
    if (!advance()) break;
  }
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const Reading whole = read(bytes, SIZE_MAX);
  const Reading pieces = read(bytes, 1);
  SALUS_ASSERT(whole.requests == pieces.requests);
  SALUS_ASSERT((whole.refused != 0) == (pieces.refused != 0));
  return 0;
}
