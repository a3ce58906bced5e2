#include "http/message_reader.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace salus::http {
namespace {

// The body that arrives in pieces of `step` bytes, or the status of the refusal, or "more".
std::string read(std::string_view body, std::size_t step, std::size_t bytes_max) {
  const std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
  MessageReader reader{1024};
  bool begun = false;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::size_t count = std::min(step, bytes.size() - at);
    std::memcpy(reader.prepare().data(), bytes.data() + at, count);
    reader.commit(count);
    if (!begun) {
      const auto head = reader.read_head();
      if (!head) return std::to_string(head.error().status);
      if (!*head) continue;
      reader.begin_body(**head, bytes_max);
      begun = true;
    }
    const auto whole = reader.read_body();
    if (!whole) return std::to_string(whole.error().status);
    if (*whole) return reader.take_body() + (reader.has_bytes() ? "+" : "");
  }
  return "more";
}

TEST(MessageReader, DecodesChunksHoweverTheyArrive) {
  for (const auto& [body, result] : std::vector<std::pair<std::string, std::string>>{
           {"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"},
           {"0\r\n\r\n", ""},
           {"3;a=b;c=\"d\"\r\nabc\r\n0\r\nX: y\r\nContent-Length: 9\r\n\r\n", "abc"},
           {"A\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
           {"b\r\n", "413"},
           {"6\r\nabcdef\r\n5\r\n", "413"},
           {"ffffffffffffffffff\r\n", "413"},
           {"3\nabc\r\n0\r\n\r\n", "400"},
           {"3\r\nabcd\r\n0\r\n\r\n", "400"},
           {"3\r\nabc\n0\r\n\r\n", "400"},
           {"3\r\nabc\r\n0\r\n\n", "400"},
           {"3\r\nabc\r\n0\r\nX\r: y\r\n\r\n", "400"},
           {"3\r\nabc\r\n0\r\nX\r\n\r\n", "400"},
           {"3\r\nabc\r\n0\r\nX y: z\r\n\r\n", "400"},
           {"-3\r\n", "400"},
           {"0x3\r\n", "400"},
           {" 3\r\n", "400"},
           {"3 \r\n", "400"},
           {"\r\n", "400"},
           {"3;" + std::string(600, 'x'), "400"},
           {"3\r\nab", "more"},
           {"0\r\n", "more"}})
    for (const std::size_t step : {1, 2, 3, 7, 1000}) EXPECT_EQ(read(body, step, 10), result) << body << " by " << step;
  EXPECT_EQ(read("0\r\n\r\nGET", 1000, 10), "+") << "the next request stays";
}

}  // namespace
}  // namespace salus::http
