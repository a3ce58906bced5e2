#include "guard/gatekeeper.hpp"

#include "guard/fixture_for_test.hpp"
#include "guard/sas_token.hpp"
#include "log/kinds.hpp"

namespace salus::guard {
namespace {

namespace kind = log::kind;

const std::string kKey = to_base64(std::string(32, 'k'));
const std::string kOtherKey = to_base64(std::string(32, 'o'));
const std::string kDigest(64, 'a');

class GatekeeperTest : public GuardTest {
 protected:
  void SetUp() override {
    put_device("m1", fmt::format(R"("type":"sas","symmetricKey":{{"primaryKey":"{}","secondaryKey":""}})", kKey));
    put_device("m10", fmt::format(R"("type":"sas","symmetricKey":{{"primaryKey":"{}"}})", kOtherKey));
    put_device("c1", R"("type":"certificateAuthority")");
    put_device("s1", fmt::format(R"("type":"selfSigned","x509Thumbprint":{{"primaryThumbprint":"{}"}})", kDigest));
  }
  void put_device(std::string_view id, std::string_view authentication, std::string_view status = "enabled") {
    ASSERT_EQ(apply(kind::device_put,
                    fmt::format(R"({{"id":"{}","status":"{}","authentication":{{{}}}}})", id, status, authentication)),
              "ok");
  }
  std::string says(const Credentials& credentials) {
    const Result<Caller> caller = gatekeeper.sign_in(credentials);
    return caller ? caller->id : std::string(salus::name(caller.error().code));
  }
  std::string sas(std::string_view device, std::string_view key, seconds life, std::string_view host = "hub") {
    return make_sas_token(host, device, key, clock.now() + life);
  }
};

TEST_F(GatekeeperTest, SignsInWhoProvesTheirName) {
  const std::string no = "unauthenticated";
  struct Row {
    std::string client, user, secret, says;
  };
  for (const Row& row :
       std::vector<Row>{{"m1", "m1", kKey, "m1"},
                        {"m1", "m1", kOtherKey, no},
                        {"m1", "m1", "", no},    // the secondary key is empty, and proves nothing
                        {"m2", "m1", kKey, no},  // another's client id
                        {"m2", "m2", kKey, no},
                        {"m1", "m1", sas("m1", kKey, seconds{60}), "m1"},
                        {"m1", "hub/m1/?api-version=2021-04-12", sas("m1", kKey, seconds{60}), "m1"},
                        {"m1", "hub/m1/x/?api-version=2021-04-12", sas("m1", kKey, seconds{60}), no},
                        {"m1", "m1", sas("m1", kKey, seconds{0}), no},          // expired
                        {"m1", "m1", sas("m10", kKey, seconds{60}), no},        // another device's resource
                        {"m10", "m10", sas("m1", kOtherKey, seconds{60}), no},  // a resource that its name begins with
                        {"m1", "m1", sas("m1", kOtherKey, seconds{60}), no},    // another's key
                        {"m1", "m1", sas("m1/modules/a", kKey, seconds{60}), no},
                        {"m1", "m1", sas("m1", kKey, seconds{60}, "hub/devices/m1"), no},
                        {"c1", "c1", kKey, no}})
    EXPECT_EQ(says({.client_id = row.client,
                    .user_name = row.user,
                    .secret = row.secret,
                    .certificate_sha256 = {},
                    .certificate_name = {},
                    .peer = "p" + row.secret}),
              row.says)
        << row.client << " " << row.user << " " << row.secret;
}

TEST_F(GatekeeperTest, SignsInByCertificate) {
  const auto with = [&](std::string id, std::string name, std::string digest) {
    return says({.client_id = id,
                 .user_name = id,
                 .secret = {},
                 .certificate_sha256 = digest,
                 .certificate_name = name,
                 .peer = id + name});
  };
  EXPECT_EQ(with("c1", "c1", "d1"), "c1");
  EXPECT_EQ(with("c1", "c2", "d1"), "unauthenticated");
  EXPECT_EQ(with("m1", "m1", "d1"), "unauthenticated") << "registered with a key";
  EXPECT_EQ(with("s1", "", kDigest), "s1");
  EXPECT_EQ(with("s1", "s1", std::string(64, 'b')), "unauthenticated");
  const std::uint64_t before = gatekeeper.revision();
  ASSERT_TRUE(revocations.revoke(kDigest));
  EXPECT_EQ(with("s1", "", kDigest), "unauthenticated");
  EXPECT_GT(gatekeeper.revision(), before);
}

TEST_F(GatekeeperTest, ForgetsWhoWasDisabledOrRemoved) {
  const Caller caller = gatekeeper
                            .sign_in({.client_id = "m1",
                                      .user_name = "m1",
                                      .secret = kKey,
                                      .certificate_sha256 = {},
                                      .certificate_name = {},
                                      .peer = {}})
                            .value();
  EXPECT_TRUE(gatekeeper.still_valid(caller));
  const std::uint64_t before = gatekeeper.revision();
  put_device("m1", fmt::format(R"("symmetricKey":{{"primaryKey":"{}"}})", kKey), "disabled");
  EXPECT_GT(gatekeeper.revision(), before);
  EXPECT_FALSE(gatekeeper.still_valid(caller));
}

TEST_F(GatekeeperTest, SlowsGuessingFromOnePlace) {
  const auto from = [&](std::string peer, std::string key) {
    return says({.client_id = "m1",
                 .user_name = "m1",
                 .secret = key,
                 .certificate_sha256 = {},
                 .certificate_name = {},
                 .peer = peer});
  };
  for (int i = 0; i < 20; ++i) EXPECT_EQ(from("10.0.0.1", "wrong"), "unauthenticated");
  EXPECT_EQ(from("10.0.0.1", kKey), "rate_limited");
  EXPECT_EQ(from("10.0.0.2", kKey), "m1");
  clock.advance(std::chrono::minutes{1});
  EXPECT_EQ(from("10.0.0.1", kKey), "m1");
}

TEST_F(GatekeeperTest, LetsADeviceSpeakForItselfAlone) {
  const Caller device{.kind = Caller::Kind::device, .id = "m1", .roles = {}, .token_id = {}};
  for (const auto& [action, topic, allowed] :
       std::vector<std::tuple<Action, std::string, bool>>{{Action::publish, "devices/m1/telemetry", true},
                                                          {Action::publish, "devices/m1/messages/events/x", true},
                                                          {Action::publish, "devices/m10/telemetry", false},
                                                          {Action::publish, "devices/m1", false},
                                                          {Action::publish, "devices/m1/", false},
                                                          {Action::publish, "devices/m1/+", false},
                                                          {Action::publish, "other/m1/telemetry", false},
                                                          {Action::publish, "", false},
                                                          {Action::subscribe, "devices/m1/#", true},
                                                          {Action::subscribe, "devices/+/telemetry", false},
                                                          {Action::subscribe, "devices/#", false},
                                                          {Action::subscribe, "#", false},
                                                          {Action::see_ward, "", false}})
    EXPECT_EQ(gatekeeper.permit(device, action, topic).has_value(), allowed) << name(action) << " " << topic;
}

TEST_F(GatekeeperTest, LetsRolesDoWhatTheTableSays) {
  const auto user = [](Role role) {
    return Caller{.kind = Caller::Kind::user, .id = "u", .roles = {role}, .token_id = {}};
  };
  EXPECT_TRUE(gatekeeper.permit(user(Role::viewer), Action::see_ward, ""));
  EXPECT_FALSE(gatekeeper.permit(user(Role::viewer), Action::acknowledge, ""));
  EXPECT_TRUE(gatekeeper.permit(user(Role::clinician), Action::acknowledge, ""));
  EXPECT_FALSE(gatekeeper.permit(user(Role::clinician), Action::manage_devices, ""));
  EXPECT_FALSE(gatekeeper.permit(user(Role::engineer), Action::manage_users, ""));
  EXPECT_FALSE(gatekeeper.permit(user(Role::engineer), Action::acknowledge, ""));
  EXPECT_TRUE(gatekeeper.permit(user(Role::viewer), Action::subscribe, "devices/+/telemetry"));
  EXPECT_FALSE(gatekeeper.permit(user(Role::viewer), Action::subscribe, "#"));
  EXPECT_FALSE(gatekeeper.permit(user(Role::administrator), Action::publish, "devices/m1/telemetry"));
}

// The form that Azure's documentation gives, checked against a signature made by another implementation of HMAC.
TEST(SasToken, ReadsWhatSdksSend) {
  const SasToken upper = parse_sas_token(make_sas_token("hub:8883", "m1", kKey, Time{seconds{1'900'000'000}})).value();
  EXPECT_EQ(upper.resource, "hub:8883/devices/m1");
  EXPECT_TRUE(is_signed_with(upper, kKey));
  EXPECT_FALSE(is_signed_with(upper, ""));
  // Lower-case escapes, signed as they stand.
  const std::string sr = "hub%2fdevices%2fm1";
  const std::string sig = to_base64(view_of(hmac_sha256(std::string(32, 'k'), sr + "\n1900000000")));
  std::string coded;
  for (const char c : sig) coded += c == '+' ? "%2b" : c == '/' ? "%2f" : c == '=' ? "%3d" : std::string(1, c);
  const SasToken lower =
      parse_sas_token("SharedAccessSignature sr=" + sr + "&sig=" + coded + "&se=1900000000&skn=").value();
  EXPECT_TRUE(is_signed_with(lower, kKey));
  EXPECT_TRUE(is_for_device(lower, "m1"));
  for (const char* device : {"m", "m10", "", "M1"}) EXPECT_FALSE(is_for_device(lower, device));
}

TEST(SasToken, RefusesOtherForms) {
  const std::string good = make_sas_token("hub", "m1", kKey, Time{seconds{1'900'000'000}});
  for (const std::string& wrong :
       {std::string(), good.substr(1), good + "&sr=x", good + "&x=y", good + "&",
        std::string("SharedAccessSignature sr=a&sig=YQ%3D%3D&se=1"), good.substr(0, good.find("&se")),
        good + "9999999999", good + "x", good + std::string(3000, '0')})
    EXPECT_TRUE(!parse_sas_token(wrong) || wrong == good + "&") << wrong;
}

}  // namespace
}  // namespace salus::guard
