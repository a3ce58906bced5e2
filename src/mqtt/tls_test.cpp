// The gate over real TLS, with a small authority of certificates made for the test.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/digest.hpp"
#include "mqtt/server_test.hpp"

namespace salus::mqtt::testing {
namespace {

using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePointer = std::unique_ptr<X509, decltype(&X509_free)>;

struct Identity {
  CertificatePointer certificate{nullptr, X509_free};
  KeyPointer key{nullptr, EVP_PKEY_free};
};

void extend(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// A certificate for `name`, signed by `issuer`, or by itself; `days` may be negative: it has expired.
Identity make(const std::string& name, const Identity* issuer, long days = 10) {
  static long serial = 1;
  Identity made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -20L * 86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), days * 86400);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  const Identity& signer = issuer == nullptr ? made : *issuer;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  extend(certificate, signer.certificate.get(), NID_basic_constraints,
         issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (issuer != nullptr)
    extend(certificate, signer.certificate.get(), NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  X509_sign(certificate, signer.key.get(), EVP_sha256());
  return made;
}

class Files {
 public:
  Files() : folder_(std::filesystem::temp_directory_path() / ("salus_mqtt_" + to_hex(random_bytes(8)))) {
    std::filesystem::create_directory(folder_);
  }
  ~Files() { std::filesystem::remove_all(folder_); }
  std::string certificate(const std::string& name, const Identity& identity) const {
    return write(name + ".crt", [&](BIO* out) { PEM_write_bio_X509(out, identity.certificate.get()); });
  }
  std::string key(const std::string& name, const Identity& identity) const {
    return write(name + ".key", [&](BIO* out) {
      PEM_write_bio_PrivateKey(out, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

 private:
  template <class Put>
  std::string write(const std::string& file, Put put) const {
    const std::string path = folder_ / file;
    BIO* out = BIO_new_file(path.c_str(), "w");
    put(out);
    BIO_free(out);
    return path;
  }
  std::filesystem::path folder_;
};

class Tls : public ::testing::Test {
 protected:
  Tls() {
    context_.use_certificate_file(files_.certificate("server", server_), asio::ssl::context::pem);
    context_.use_private_key_file(files_.key("server", server_), asio::ssl::context::pem);
    context_.load_verify_file(files_.certificate("ca", ca_));
    context_.set_verify_mode(asio::ssl::verify_peer);  // clients may show a certificate; a bad one is refused
  }
  ServerAddress address(const Gate& gate, const Identity& trusted) const {
    return {.port = gate.port, .tls = ClientTls{.ca_file = files_.certificate("trusted", trusted)}};
  }
  // Connects, publishes one message, and says how that went.
  static std::string attempt(const ServerAddress& to, const ClientOptions& options) {
    asio::io_context context;
    std::string result;
    run(context, [](ServerAddress at, ClientOptions as, std::string& said) -> asio::awaitable<void> {
      auto client = co_await Client::connect(at, as);
      if (!client) {
        said = client.error().message;
        co_return;
      }
      (*client)->on_ack([&](std::uint64_t, Reason reason) { said = name(reason); });
      (*client)->publish("devices/" + as.client_id + "/x", std::string(100'000, 'x'), 1);
      co_await comes([&] { return !said.empty() || !(*client)->is_open(); });
      co_await (*client)->disconnect();
    }(to, options, result));
    return result;
  }

  Files files_;
  Identity ca_ = make("Test CA", nullptr);
  Identity other_ca_ = make("Other CA", nullptr);
  Identity server_ = make("server", &ca_);
  asio::ssl::context context_{asio::ssl::context::tls_server};
};

TEST_F(Tls, CarriesEverything) {
  Gate gate{{}, &context_};
  EXPECT_EQ(attempt(address(gate, ca_), device("mon-1")), "success");
  EXPECT_EQ(attempt(address(gate, ca_), device("mon-1", Version::v311)), "success");
  EXPECT_EQ(gate.intake.taken().at(0).payload.size(), 100'000U);
}

TEST_F(Tls, ClientsTrustNobodyElse) {
  Gate gate{{}, &context_};
  EXPECT_NE(attempt(address(gate, other_ca_), device("mon-1")).find("certificate verify failed"), std::string::npos);
  ServerAddress elsewhere = address(gate, ca_);
  elsewhere.host = "127.0.0.2";  // the same server, by a name that its certificate does not bear
  EXPECT_NE(attempt(elsewhere, device("mon-1")), "success");
  EXPECT_EQ(gate.intake.count(), 0U);
  EXPECT_TRUE(eventually([&] { return gate.server.counters().connections == 0; }));
}

TEST_F(Tls, ACertificateOfOursSaysWhoItIs) {
  Gate gate{{}, &context_};
  const Identity monitor = make("mon-7", &ca_);
  ServerAddress to = address(gate, ca_);
  to.tls->certificate_file = files_.certificate("mon-7", monitor);
  to.tls->key_file = files_.key("mon-7", monitor);
  EXPECT_EQ(attempt(to, {.client_id = "mon-7"}), "success");
  EXPECT_EQ(gate.authority.seen().certificate_name, "mon-7");
  EXPECT_EQ(gate.authority.seen().certificate_sha256.size(), 64U);
  // It speaks for nobody else.
  EXPECT_NE(attempt(to, {.client_id = "mon-8"}), "success");
}

TEST_F(Tls, ForeignAndExpiredCertificatesFailTheHandshake) {
  Gate gate{{}, &context_};
  const Identity rows[] = {make("mon-7", &other_ca_), make("mon-7", nullptr), make("mon-7", &ca_, -1)};
  for (const Identity& shown : rows) {
    ServerAddress to = address(gate, ca_);
    to.tls->certificate_file = files_.certificate("bad", shown);
    to.tls->key_file = files_.key("bad", shown);
    EXPECT_NE(attempt(to, {.client_id = "mon-7"}), "success");
  }
  EXPECT_EQ(gate.server.counters().failed_handshakes, 3U);
  EXPECT_EQ(gate.authority.seen().certificate_name, "");
}

TEST_F(Tls, PlainBytesFailTheHandshakeAndSilenceEndsAtTheDeadline) {
  Gate gate{Limits{.connect_within = milliseconds{200}}, &context_};
  std::string hello;
  encode(hello, Connect{.client_id = "mon-1", .user_name = "mon-1", .password = "key"});
  say(gate.port, hello);
  say(gate.port, "");
  EXPECT_TRUE(eventually([&] { return gate.server.counters().failed_handshakes == 2; }));
}

}  // namespace
}  // namespace salus::mqtt::testing
