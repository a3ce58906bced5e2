#include "guard/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>

#include "base/digest.hpp"

namespace salus::guard {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using GeneralNames = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

std::string content_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Bio memory(std::string_view content) {
  return Bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_extensions(X509* certificate, X509* issuer, const CertificateRequest& request) {
  const bool authority = request.purpose == Purpose::authority;
  bool ok = add_extension(certificate, issuer, NID_basic_constraints,
                          authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") &&
            add_extension(certificate, issuer, NID_key_usage,
                          authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
            add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
            add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  if (!authority)
    ok = ok && add_extension(certificate, issuer, NID_ext_key_usage,
                             request.purpose == Purpose::server ? "serverAuth" : "clientAuth");
  if (!request.alternative_names.empty())
    ok = ok && add_extension(certificate, issuer, NID_subject_alt_name, request.alternative_names);
  return ok;
}

bool set_serial(X509* certificate) {
  std::string bytes = random_bytes(16);
  bytes[0] = static_cast<char>(bytes[0] & 0x7F);  // positive, RFC 5280 4.1.2.2
  const BigNumber number(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_time(ASN1_TIME* field, Time time) {
  return ASN1_TIME_set(field, std::chrono::duration_cast<seconds>(time.time_since_epoch()).count()) != nullptr;
}

bool set_name(X509* certificate, const std::string& common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, const_cast<unsigned char*>(text), -1, -1, 0) ==
         1;
}

}  // namespace

tl::unexpected<Error> openssl_error(std::string_view doing) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* why = code == 0 ? nullptr : ERR_reason_error_string(code);
  return fail(ErrorCode::damaged, "{} failed: {}.", doing, why == nullptr ? "unknown reason" : why);
}

Result<Key> make_key() {
  Key key(EVP_EC_gen("P-256"));
  if (!key) return openssl_error("Making a key");
  return key;
}

Result<std::string> to_pem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return openssl_error("Writing a key");
  return content_of(bio.get());
}

Result<std::string> to_pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) return openssl_error("Writing a certificate");
  return content_of(bio.get());
}

Result<Key> key_from_pem(std::string_view pem) {
  const Bio bio = memory(pem);
  // An empty pass phrase, so that an encrypted key is an error and no question on the terminal.
  char none[] = "";
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, none));
  if (!key) return openssl_error("Reading a key");
  return key;
}

Result<Certificate> certificate_from_pem(std::string_view pem) {
  const Bio bio = memory(pem);
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!certificate) return openssl_error("Reading a certificate");
  return certificate;
}

bool has_explicit_curve(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return false;
  int is_explicit = 0;
  std::array<char, 64> group{};
  return EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) != 1 ||
         is_explicit != 0 || EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1;
}

Result<Key> key_from_request(std::string_view pem) {
  const Bio bio = memory(pem);
  const std::unique_ptr<X509_REQ, Freed<X509_REQ_free>> request(
      PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  Key key(request ? X509_REQ_get_pubkey(request.get()) : nullptr);
  const bool is_strong = key && !has_explicit_curve(key.get()) &&
                         (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA ||
                          (EVP_PKEY_get_bits(key.get()) >= 2048 && EVP_PKEY_get_bits(key.get()) <= 8192));
  const bool is_his = is_strong && X509_REQ_verify(request.get(), key.get()) == 1;
  ERR_clear_error();
  if (!key)
    return fail(ErrorCode::invalid,
                "This is no certificate request (PKCS #10 in PEM, as `openssl req -new` makes it).");
  if (!is_strong)
    return fail(ErrorCode::invalid, "The request's key is too weak; RSA needs 2,048 to 8,192 bits, EC a named curve.");
  if (!is_his) return fail(ErrorCode::invalid, "The request is not signed with the key that it names.");
  return key;
}

Result<Certificate> make_certificate(const CertificateRequest& request, EVP_PKEY* key, X509* issuer,
                                     EVP_PKEY* issuer_key) {
  Certificate made(X509_new());
  X509* certificate = made.get();
  const bool filled = certificate != nullptr && X509_set_version(certificate, 2) == 1 && set_serial(certificate) &&
                      set_time(X509_getm_notBefore(certificate), request.from) &&
                      set_time(X509_getm_notAfter(certificate), request.until) &&
                      set_name(certificate, request.common_name) && X509_set_pubkey(certificate, key) == 1;
  if (!filled) return openssl_error("Making a certificate");
  X509* signer = issuer == nullptr ? certificate : issuer;
  const bool is_signed = X509_set_issuer_name(certificate, X509_get_subject_name(signer)) == 1 &&
                         add_extensions(certificate, signer, request) &&
                         X509_sign(certificate, issuer_key, EVP_sha256()) > 0;
  if (!is_signed) return openssl_error("Signing a certificate");
  return made;
}

std::string digest_of(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) return {};
  return to_hex({reinterpret_cast<const char*>(digest), size});
}

std::string common_name_of(X509* certificate) {
  const X509_NAME* name = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  // Two common names could be read as either.
  if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0) return {};
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) return {};
  std::string result(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return result.find('\0') == std::string::npos ? result : std::string{};
}

Result<Time> expiry_of(X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1)
    return openssl_error("Reading a certificate's end");
  return Time{seconds{::timegm(&parts)}};
}

std::string alternative_names_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  const int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (!bio || at < 0 || X509V3_EXT_print(bio.get(), X509_get_ext(certificate, at), 0, 0) != 1) return {};
  return content_of(bio.get());
}

}  // namespace salus::guard
