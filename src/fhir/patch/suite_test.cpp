// The patch cases of FHIR's test suite, every active one. Those in comments of the XML file are not active.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>

#include "fhir/data_for_test.hpp"
#include "fhir/document/json.hpp"
#include "fhir/document/xml.hpp"
#include "fhir/patch/json_patch.hpp"
#include "fhir/patch/xml_patch.hpp"

namespace salus::fhir::patch {
namespace {

std::string read_suite(const char* name) {
  return read_file(data_folder() / "patch" / name);
}

std::string collapsed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space) out += c;
    if (space && !out.empty() && out.back() != ' ') out += ' ';
  }
  return out.ends_with(' ') ? out.substr(0, out.size() - 1) : out;
}

// XML in one form: no blanks between elements, attributes sorted, spaces collapsed.
void simplify(XmlNode& node) {
  node.raw.clear();
  std::erase_if(node.children, [](const XmlNode& child) { return child.is_blank() || child.text == "\n"; });
  std::erase_if(node.prefixes, [](const auto& declared) { return declared.first.empty(); });
  std::ranges::sort(node.attributes, {}, &XmlAttribute::name);
  if (node.kind == XmlNode::Kind::text) node.text = collapsed(node.text);
  for (XmlNode& child : node.children) simplify(child);
  std::erase_if(node.children,
                [](const XmlNode& child) { return child.kind == XmlNode::Kind::text && child.text.empty(); });
}
std::string simple(XmlNode node) {
  simplify(node);
  return write_xml_tree(node);
}

// The document within <target>, <patched>, <input> …: its element becomes the root.
XmlNode document_of(const XmlNode& holder) {
  XmlNode document;
  for (const XmlNode& child : holder.children)
    if (child.kind == XmlNode::Kind::element) document.children.push_back(child);
  return document;
}

TEST(PatchSuite, PassesTheJsonCases) {
  const std::string text = read_suite("json-patch-tests.json");
  if (text.empty()) GTEST_SKIP() << "no data at " << data_folder();
  const auto cases = parse_tree(text, 1 << 20, 50);
  ASSERT_TRUE(cases) << cases.error().message;
  std::size_t ran = 0;
  for (const Json& test : cases->items) {
    const Json* disabled = test.find("disabled");
    if (disabled != nullptr && disabled->text == "true") continue;
    SCOPED_TRACE(test.find("comment")->text);
    Json target = *test.find("doc");
    const auto done = apply_operations(target, *test.find("patch"), {});
    if (test.find("error") != nullptr) {
      EXPECT_FALSE(done);
    } else {
      ASSERT_TRUE(done) << done.error().message;
      EXPECT_TRUE(equal(target, *test.find("expected"))) << write_tree(target);
    }
    ++ran;
  }
  EXPECT_EQ(ran, 16u);
}

// The active ones of a suite in XML, which are `count`.
void each_case(const char* file, std::size_t count, const std::function<void(const XmlNode&)>& visit) {
  const std::string text = read_suite(file);
  if (text.empty()) GTEST_SKIP() << "no data at " << data_folder();
  const auto suite = parse_xml(text, 1 << 20, 50);
  ASSERT_TRUE(suite) << suite.error().message;
  std::size_t ran = 0;
  for (const XmlNode& test : suite->element("tests")->children) {
    if (test.kind != XmlNode::Kind::element) continue;
    SCOPED_TRACE(test.attribute("name")->value);
    visit(test);
    ++ran;
  }
  EXPECT_EQ(ran, count);
}

TEST(PatchSuite, PassesTheXmlCases) {
  each_case("xml-patch-tests.xml", 29, [](const XmlNode& test) {
    XmlNode target = document_of(*test.element("target"));
    const auto done = apply_operations(target, *test.element("patch"), {});
    if (test.element("error") != nullptr) {
      EXPECT_FALSE(done);
    } else {
      ASSERT_TRUE(done) << done.error().message;
      EXPECT_EQ(simple(target), simple(document_of(*test.element("patched"))));
    }
  });
}

Document read_part(const XmlNode& holder) {
  const std::string text = write_xml_tree(document_of(holder));
  auto document = read_xml(text);
  EXPECT_TRUE(document) << document.error().message << "\n" << text;
  return std::move(*document);
}

// Narratives of the suite differ in how XML is escaped: all are looked at as XML.
std::string as_simple_xml(const Document& document) {
  const auto text = write_xml(document);
  EXPECT_TRUE(text);
  return simple(*parse_xml(*text, 1 << 20, 100));
}

TEST(PatchSuite, PassesTheFhirPathCases) {
  each_case("fhir-patch-tests.xml", 33, [](const XmlNode& test) {
    const Document before = read_part(*test.element("input")), patch = read_part(*test.element("diff"));
    const auto after = apply_fhirpath(before, patch);
    if (test.element("error") != nullptr) {
      ASSERT_FALSE(after);
      EXPECT_EQ(after.error().code, ErrorCode::conflict);
    } else {
      ASSERT_TRUE(after) << after.error().error().message;
      EXPECT_EQ(as_simple_xml(*after), as_simple_xml(read_part(*test.element("output"))));
    }
  });
}

}  // namespace
}  // namespace salus::fhir::patch
