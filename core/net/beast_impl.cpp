// Beast's and asio-ssl's functions, compiled once for the whole tree (BOOST_BEAST_SEPARATE_COMPILATION).
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
