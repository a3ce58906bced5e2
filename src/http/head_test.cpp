#include "http/head.hpp"

#include <gtest/gtest.h>

namespace salus::http {
namespace {

constexpr std::string_view kHost = "Host: a\r\n";

struct Row {
  std::string lines;  // after the request line
  int status;         // 0: taken
};

TEST(Head, TakesOneMeaningOnly) {
  const std::string host{kHost};
  for (const Row& row : std::vector<Row>{{host, 0},
                                         {host + "Content-Length: 5\r\n", 0},
                                         {host + "Transfer-Encoding: chunked\r\n", 0},
                                         {host + "X: a\tb\r\n", 0},
                                         {"", 400},           // no Host
                                         {host + host, 400},  // two
                                         {"Host: a b\r\n", 400},
                                         {host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},  // CL.TE
                                         {host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},  // TE.CL
                                         {host + "Content-Length: 5\r\nContent-Length: 5\r\n", 400},
                                         {host + "Content-Length: 5, 5\r\n", 400},
                                         {host + "Content-Length: +5\r\n", 400},
                                         {host + "Content-Length: 0x5\r\n", 400},
                                         {host + "Content-Length:\r\n", 400},
                                         {host + "Content-Length: 99999999999999999999\r\n", 400},
                                         {host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
                                         {host + "Transfer-Encoding: gzip, chunked\r\n", 501},
                                         {host + "Transfer-Encoding: xchunked\r\n", 501},
                                         {host + "Transfer-Encoding : chunked\r\n", 400},  // space before the colon
                                         {host + "X: a\r\n b\r\n", 400},                   // folded
                                         {host + "X: a\n", 400},                           // bare LF
                                         {host + "X: a\rY: b\r\n", 400},                   // bare CR
                                         {host + std::string("X: a\0b\r\n", 8), 400},
                                         {host + ": a\r\n", 400},
                                         {host + "Expect: something\r\n", 417}}) {
    const auto head = parse_head("GET / HTTP/1.1\r\n" + row.lines + "\r\n");
    EXPECT_EQ(head ? 0 : head.error().status, row.status) << row.lines;
  }
}

TEST(Head, ChecksTheRequestLine) {
  for (const auto& [line, status] : std::vector<std::pair<std::string, int>>{{"GET / HTTP/1.1", 0},
                                                                             {"GET  / HTTP/1.1", 400},
                                                                             {"GET / HTTP/1.1 ", 400},
                                                                             {"GET /", 400},
                                                                             {"GET / HTTP/2.0", 505},
                                                                             {"GET / http/1.1", 400},
                                                                             {"G(T / HTTP/1.1", 400},
                                                                             {"GET /\x01 HTTP/1.1", 400},
                                                                             {"", 400}}) {
    const auto head = parse_head(line + "\r\nHost: a\r\n\r\n");
    EXPECT_EQ(head ? 0 : head.error().status, status) << line;
  }
}

TEST(Head, ReadsWhatTheConnectionShallDo) {
  const auto head =
      parse_head("GET /x HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_TRUE(head->upgrades_to_websocket);
  EXPECT_TRUE(head->keep_alive);
  EXPECT_FALSE(parse_head("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")->keep_alive);
  EXPECT_FALSE(parse_head("GET / HTTP/1.0\r\n\r\n")->keep_alive);
}

}  // namespace
}  // namespace salus::http
