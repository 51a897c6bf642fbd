# The folder that the archive and the installer are made of: program, libraries and plugins, flat as Windows looks
# for DLLs beside the program. `packaging/windows/build` stages it.
enable_language(RC)
configure_file(${CMAKE_CURRENT_LIST_DIR}/octagent.rc.in octagent.rc @ONLY)
target_sources(octagent PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/octagent.rc)
target_link_options(octagent PRIVATE -municode) # for wmain()
# GCC 12 sees an overlap in every concatenation of strings that it inlines (its bug 105651).
target_compile_options(octagent-flags INTERFACE -Wno-restrict)

install(TARGETS octagent RUNTIME DESTINATION . COMPONENT agent)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/LICENSE
              ${PROJECT_SOURCE_DIR}/etc/octagent.properties DESTINATION . COMPONENT agent)

foreach(name IN ITEMS PocoData PocoDataSQLite PocoFoundation PocoJSON PocoNet PocoUtil PocoXML sqlite3)
    install(FILES ${OCTAGENT_WINDOWS_PREFIX}/bin/lib${name}.dll DESTINATION . COMPONENT agent)
endforeach()
# The compiler's own, from wherever it has them.
foreach(name IN ITEMS libstdc++-6 libgcc_s_seh-1 libwinpthread-1)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${name}.dll OUTPUT_VARIABLE library
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    install(FILES ${library} DESTINATION . COMPONENT agent)
endforeach()
install(DIRECTORY ${OCTAGENT_WINDOWS_PREFIX}/licenses DESTINATION . COMPONENT agent)
