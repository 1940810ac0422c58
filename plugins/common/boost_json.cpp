// Boost.JSON's implementation, once for all modules: see README.md.
#include <boost/json/src.hpp>
