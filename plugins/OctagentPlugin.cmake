# octagent_add_plugin(NAME sources...): a plugin for octagent, as a shared library without the "lib" prefix.
#
# Found by find_package(octagent), or included inside the source tree. Symbols are hidden but for those that
# the agent looks up, so that two plugins with a class of the same name do not disturb each other.
function(octagent_add_plugin name)
    add_library(${name} MODULE ${ARGN})
    target_link_libraries(${name} PRIVATE octagent::sdk)
    target_compile_features(${name} PRIVATE cxx_std_20)
    set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                          CXX_EXTENSIONS OFF)
endfunction()
