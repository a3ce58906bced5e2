#include "http/outside.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace salus::http {
namespace {

Result<int> send(const std::string& url, const OutsideRules& rules = {}) {
  Result<int> said;
  asio::io_context io;
  asio::co_spawn(io, send_outside({.url = url, .headers = {}, .body = "x"}, rules),
                 [&](const std::exception_ptr& thrown, Result<int> result) {
                   EXPECT_FALSE(thrown);
                   said = std::move(result);
                 });
  io.run();
  return said;
}

TEST(Outside, KnowsWhatIsPublic) {
  for (const char* address :
       {"8.8.8.8", "1.1.1.1", "100.63.0.1", "172.32.0.1", "192.169.0.1", "2a00:1450:4001::1", "2606:4700::1111"})
    EXPECT_TRUE(is_public(asio::ip::make_address(address))) << address;
  for (const char* address : {"0.0.0.0",         "10.1.2.3",         "100.64.0.1",      "127.0.0.1", "127.255.255.254",
                              "169.254.169.254", "172.16.0.1",       "172.31.255.255",  "192.0.0.1", "192.168.1.1",
                              "198.18.0.1",      "224.0.0.1",        "255.255.255.255", "::",        "::1",
                              "::ffff:8.8.8.8",  "::ffff:127.0.0.1", "fe80::1",         "fc00::1",   "fd00:ec2::254",
                              "ff02::1",         "64:ff9b::7f00:1",  "2002:7f00:1::",   "2001::1",   "2001:db8::1",
                              "::127.0.0.1"})
    EXPECT_FALSE(is_public(asio::ip::make_address(address))) << address;
}

TEST(Outside, RefusesByTheUrlAloneWhatLeadsInsideOrCanBeReadTwoWays) {
  for (const char* url : {"ftp://example.org/",
                          "file:///etc/passwd",
                          "//example.org/",
                          "http://",
                          "http:///x",
                          "https://user@example.org/",
                          "https://example.org@169.254.169.254/",
                          "http://example.org\\@127.0.0.1/",
                          "http://exa mple.org/",
                          "http://example.org:0/",
                          "http://example.org:70000/",
                          "http://example.org:/",
                          "http://[::1/",
                          "http://[fe80::1%25eth0]/",
                          "http://ex%61mple.org/",
                          "http://-x.org/",
                          "http://a..b/",
                          "http://example.org/#x",
                          "http://example.org/\r\nx",
                          "gopher://127.0.0.1:25/"}) {
    const auto said = send(url);
    ASSERT_FALSE(said) << url;
    EXPECT_EQ(said.error().code, ErrorCode::invalid) << url;
  }
  for (const char* url :
       {"http://127.0.0.1/", "http://127.1.2.3:8080/", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:a9fe:a9fe]/", "http://[fd00:ec2::254]/",
        "http://[fe80::1]/", "http://0.0.0.0/", "http://localhost/", "http://LOCALHOST:9/", "http://a.localhost/",
        "http://localhost./", "http://metadata.google.internal/", "http://[64:ff9b::7f00:1]/"}) {
    const auto said = send(url);
    ASSERT_FALSE(said) << url;
    EXPECT_EQ(said.error().code, ErrorCode::forbidden) << url;
  }
}

TEST(Outside, RefusesNumbersThatAResolverTakesForLoopback) {
  for (const char* url :
       {"http://2130706433/", "http://0x7f000001/", "http://127.1/", "http://0177.0.0.1/", "http://0/"}) {
    const auto said = send(url);
    ASSERT_FALSE(said) << url;
    EXPECT_TRUE(said.error().code == ErrorCode::forbidden || said.error().code == ErrorCode::unavailable) << url;
  }
}

TEST(Outside, AllowsExactOriginsAlone) {
  const OutsideRules rules{.origins = *parse_origins("http://127.0.0.1:9000, https://inside.example.org")};
  EXPECT_EQ(rules.origins, (std::vector<std::string>{"http://127.0.0.1:9000", "https://inside.example.org:443"}));
  EXPECT_TRUE(check_outside_url("http://127.0.0.1:9000/hook?x=1", rules));
  for (const char* url : {"http://127.0.0.1:9001/", "https://127.0.0.1:9000/", "http://127.0.0.1/",
                          "http://127.0.0.2:9000/", "http://127.0.0.1:9000@127.0.0.1:1/"})
    EXPECT_FALSE(check_outside_url(url, rules)) << url;
  EXPECT_FALSE(parse_origins("https://example.org/path"));
  EXPECT_FALSE(parse_origins("example.org"));
}

}  // namespace
}  // namespace salus::http
