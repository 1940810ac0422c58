gateway_test(unit_markdown
  SOURCES markdown_property_test.cpp markdown_table_test.cpp markdown_text.cpp
  LIBS gateway_plugin_markdown)
