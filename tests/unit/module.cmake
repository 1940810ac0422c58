gateway_test(unit_module
             SOURCES module_elf_note_test.cpp module_manifest_test.cpp module_scan_test.cpp module_load_test.cpp
                     module_fork_prober_test.cpp module_loading_test.cpp module_probe_test.cpp module_refusal_test.cpp
                     module_watch_plan_test.cpp module_watch_test.cpp
             LIBS core_module static_faults)
