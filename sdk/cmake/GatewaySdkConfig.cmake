# find_package(GatewaySdk): the target gateway::sdk and the function gateway_add_adapter.
include(${CMAKE_CURRENT_LIST_DIR}/GatewaySdkTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/GatewayAdapter.cmake)
