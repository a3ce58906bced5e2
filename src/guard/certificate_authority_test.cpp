#include "guard/certificate_authority.hpp"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "guard/certificate.hpp"
#include "guard/private_file.hpp"
#include "guard/revocations.hpp"

namespace salus::guard {
namespace {

namespace fs = std::filesystem;

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Ssl = std::unique_ptr<SSL, FreeSsl>;

// A handshake in memory: what the server says of the client, or why it refused.
struct Outcome {
  bool server = false;
  bool client = false;
  PeerCertificate peer;
};

class AuthorityTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder); }
  void TearDown() override { fs::remove_all(folder); }
  CertificateAuthority open(CertificateNames names = {}) {
    return CertificateAuthority::open(folder, names, now).value();
  }
  std::string file(const std::string& name) const { return read_small_file(folder / name).value(); }

  Outcome shake(const CertificateAuthority& authority, const std::function<void(SSL_CTX*)>& client_setup) {
    auto context = authority.server_context({.ask_client_certificate = true, .revocations = &revocations}).value();
    SSL_CTX* client_context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_load_verify_locations(client_context, authority.ca_file().c_str(), nullptr);
    SSL_CTX_set_verify(client_context, SSL_VERIFY_PEER, nullptr);
    client_setup(client_context);
    const Ssl server(SSL_new(context->native_handle()));
    const Ssl client(SSL_new(client_context));
    BIO* server_end = nullptr;
    BIO* client_end = nullptr;
    BIO_new_bio_pair(&server_end, 1 << 20, &client_end, 1 << 20);
    SSL_set_bio(server.get(), server_end, server_end);
    SSL_set_bio(client.get(), client_end, client_end);
    SSL_set1_host(client.get(), "localhost");
    Outcome outcome;
    for (int i = 0; i < 20 && !(outcome.server && outcome.client); ++i) {
      outcome.client = SSL_connect(client.get()) == 1;
      outcome.server = SSL_accept(server.get()) == 1;
    }
    if (outcome.server) outcome.peer = peer_certificate(server.get());
    SSL_CTX_free(client_context);
    return outcome;
  }
  static void use(SSL_CTX* context, const Certificate& certificate, const Key& key) {
    SSL_CTX_use_certificate(context, certificate.get());
    SSL_CTX_use_PrivateKey(context, key.get());
  }

  Revocations revocations;
  const fs::path folder = fs::temp_directory_path() / ("salus_tls_" + std::to_string(::getpid()));
  Time now = std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now());
};

TEST_F(AuthorityTest, MakesItsFilesOnceAndRenewsTheServers) {
  open();
  const std::string ca = file("ca.pem");
  const std::string server = file("server.pem");
  struct stat status{};
  for (const char* key : {"ca.key", "server.key"}) {
    ASSERT_EQ(::stat((folder / key).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U) << key;
  }
  open();
  EXPECT_EQ(file("server.pem"), server);
  open({.hosts = {"ward.hospital.example"}, .addresses = {"10.1.2.3"}});
  EXPECT_NE(file("server.pem"), server) << "names changed";
  EXPECT_NE(alternative_names_of(certificate_from_pem(file("server.pem"))->get()).find("ward.hospital.example"),
            std::string::npos);
  open();
  const std::string again = file("server.pem");
  now += std::chrono::days{370};
  open();
  EXPECT_NE(file("server.pem"), again) << "less than 30 days were left";
  EXPECT_EQ(file("ca.pem"), ca);
}

TEST_F(AuthorityTest, NeverReplacesWhatIsDamaged) {
  open();
  ASSERT_TRUE(write_private_file(folder / "ca.key", "rubbish"));
  EXPECT_EQ(CertificateAuthority::open(folder, {}, now).error().code, ErrorCode::damaged);
  EXPECT_FALSE(CertificateAuthority::open(folder, {.hosts = {"a,DNS:evil"}, .addresses = {}}, now));
}

TEST_F(AuthorityTest, KnowsDevicesByTheCertificatesItIssued) {
  const CertificateAuthority authority = open();
  const IssuedCertificate issued = authority.issue_for_device("monitor-7", std::chrono::days{30}, now).value();
  const Certificate certificate = std::move(*certificate_from_pem(issued.certificate_pem));
  const Key key = std::move(*key_from_pem(issued.key_pem));
  const Outcome known = shake(authority, [&](SSL_CTX* context) { use(context, certificate, key); });
  EXPECT_TRUE(known.server && known.client);
  EXPECT_EQ(known.peer.common_name, "monitor-7");
  EXPECT_EQ(known.peer.sha256, issued.sha256);
  const Outcome anonymous = shake(authority, [](SSL_CTX*) {});
  EXPECT_TRUE(anonymous.server) << "keys and tokens need no certificate";
  EXPECT_EQ(anonymous.peer.sha256, "");
  EXPECT_FALSE(authority.issue_for_device("a/b", std::chrono::days{30}, now));
}

std::string request_pem(EVP_PKEY* named, EVP_PKEY* signing) {
  X509_REQ* request = X509_REQ_new();
  X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("somebody-else"), -1, -1, 0);
  X509_REQ_set_pubkey(request, named);
  X509_REQ_sign(request, signing, EVP_sha256());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509_REQ(bio, request);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  X509_REQ_free(request);
  return pem;
}

TEST_F(AuthorityTest, SignsKeysThatDevicesKeepAndTakesThemBack) {
  const CertificateAuthority authority = open();
  const Key key = std::move(*make_key()), other = std::move(*make_key());
  const IssuedCertificate issued =
      authority.sign_for_device("monitor-7", request_pem(key.get(), key.get()), std::chrono::days{1}, now).value();
  EXPECT_EQ(issued.key_pem, "");
  const Certificate certificate = std::move(*certificate_from_pem(issued.certificate_pem));
  const auto shown = [&](SSL_CTX* context) { use(context, certificate, key); };
  EXPECT_EQ(shake(authority, shown).peer.common_name, "monitor-7") << "not the name that the request gives itself";
  ASSERT_TRUE(revocations.revoke(issued.sha256));
  EXPECT_FALSE(shake(authority, shown).server);

  const Key weak(EVP_RSA_gen(1024));
  for (const std::string& bad : {std::string("rubbish"), std::string(), issued.certificate_pem,
                                 request_pem(key.get(), other.get()), request_pem(weak.get(), weak.get())})
    EXPECT_EQ(authority.sign_for_device("monitor-7", bad, std::chrono::days{1}, now).error().code, ErrorCode::invalid);
}

TEST_F(AuthorityTest, RefusesForeignExpiredOverlongAndExplicit) {
  const CertificateAuthority authority = open();
  const auto refused = [&](const std::function<void(SSL_CTX*)>& setup) { return !shake(authority, setup).server; };
  // Another authority's device.
  const Key foreign_key = std::move(*make_key());
  const Certificate foreign = std::move(*make_certificate({.purpose = Purpose::authority,
                                                           .common_name = "Other",
                                                           .alternative_names = {},
                                                           .from = now - std::chrono::hours{1},
                                                           .until = now + std::chrono::hours{1}},
                                                          foreign_key.get(), nullptr, foreign_key.get()));
  const auto signed_by = [&](const Certificate& issuer, const Key& issuer_key, EVP_PKEY* key, nanoseconds life) {
    return std::move(*make_certificate({.purpose = Purpose::client,
                                        .common_name = "m1",
                                        .alternative_names = {},
                                        .from = now - std::chrono::hours{2},
                                        .until = now + life},
                                       key, issuer.get(), issuer_key.get()));
  };
  const Key key = std::move(*make_key());
  const Certificate stranger = signed_by(foreign, foreign_key, key.get(), std::chrono::hours{1});
  EXPECT_TRUE(refused([&](SSL_CTX* context) { use(context, stranger, key); }));
  // Ours, but over.
  const Certificate ca = std::move(*certificate_from_pem(file("ca.pem")));
  const Key ca_key = std::move(*key_from_pem(file("ca.key")));
  const Certificate expired = signed_by(ca, ca_key, key.get(), -std::chrono::hours{1});
  EXPECT_TRUE(refused([&](SSL_CTX* context) { use(context, expired, key); }));
  // A hundred certificates: refused by size, before anything is verified.
  const Certificate good = signed_by(ca, ca_key, key.get(), std::chrono::hours{1});
  EXPECT_FALSE(refused([&](SSL_CTX* context) { use(context, good, key); }));
  EXPECT_TRUE(refused([&](SSL_CTX* context) {
    use(context, good, key);
    for (int i = 0; i < 100; ++i) SSL_CTX_add1_chain_cert(context, foreign.get());
  }));
  // A curve spelled out by its parameters.
  const Key explicit_key = std::move(*make_key());
  ASSERT_EQ(
      EVP_PKEY_set_utf8_string_param(explicit_key.get(), OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT),
      1);
  const Certificate spelled = signed_by(ca, ca_key, explicit_key.get(), std::chrono::hours{1});
  EXPECT_TRUE(refused([&](SSL_CTX* context) {
    SSL_CTX_set_security_level(context, 0);
    use(context, spelled, explicit_key);
  }));
  // Self-signed: the handshake passes, without a name, so that only its registered thumbprint counts.
  const Certificate self = std::move(*make_certificate({.purpose = Purpose::client,
                                                        .common_name = "m1",
                                                        .alternative_names = {},
                                                        .from = now - std::chrono::hours{1},
                                                        .until = now + std::chrono::hours{1}},
                                                       key.get(), nullptr, key.get()));
  const Outcome own = shake(authority, [&](SSL_CTX* context) { use(context, self, key); });
  EXPECT_TRUE(own.server);
  EXPECT_EQ(own.peer.common_name, "");
  EXPECT_EQ(own.peer.sha256, digest_of(self.get()));
}

TEST_F(AuthorityTest, SpeaksOldTlsOnlyWhenTold) {
  const CertificateAuthority authority = open();
  const auto old = [](SSL_CTX* context) { SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION); };
  EXPECT_FALSE(shake(authority, old).server);
}

TEST_F(AuthorityTest, RemembersWhatWasRevoked) {
  const CertificateAuthority authority = open();
  const std::string digest(64, 'a');
  {
    Revocations revocations;
    ASSERT_TRUE(revocations.load(authority.revocations_file()));
    EXPECT_FALSE(revocations.is_revoked(digest));
    ASSERT_TRUE(revocations.revoke(digest));
    EXPECT_FALSE(revocations.revoke("x"));
  }
  Revocations restarted;
  ASSERT_TRUE(restarted.load(authority.revocations_file()));
  EXPECT_TRUE(restarted.is_revoked(digest));
  ASSERT_TRUE(write_private_file(authority.revocations_file(), "rubbish\n"));
  EXPECT_EQ(Revocations().load(authority.revocations_file()).error().code, ErrorCode::damaged);
}

}  // namespace
}  // namespace salus::guard
