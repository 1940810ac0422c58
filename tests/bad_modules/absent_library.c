/* The library that refuse_missing_library does not find. */
int absent_function(void);
int absent_function(void) {
    return 0;
}
