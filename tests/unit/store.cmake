gateway_test(unit_store SOURCES store_jobs_test.cpp store_open_test.cpp store_disk_test.cpp store_hang_test.cpp
                     store_kill_test.cpp
             LIBS core_store SQLite::SQLite3)
