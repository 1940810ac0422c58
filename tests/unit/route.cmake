gateway_test(unit_route SOURCES route_router_test.cpp route_directory_test.cpp route_lanes_test.cpp route_lanes_turns_test.cpp
                                route_lanes_random_test.cpp route_plane_test.cpp
                                route_plane_deliveries_test.cpp route_restart_test.cpp
             LIBS core_route)
