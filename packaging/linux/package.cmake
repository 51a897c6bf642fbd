# Debian, RPM and archive packages. `packaging/linux/build` configures with the prefix /usr and calls cpack.
set(linux ${CMAKE_CURRENT_LIST_DIR})
set(made ${CMAKE_CURRENT_BINARY_DIR}/linux)
set(OCTAGENT_CONTACT "The octagent authors <octagent@example.com>" CACHE STRING "Who answers for the packages")

# The archive's libraries lie in lib/octagent; a system's package has none there. An RPATH, not a RUNPATH: it must
# hold for the libraries of the libraries, too.
set_target_properties(octagent PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/octagent")
target_link_options(octagent PRIVATE -Wl,--disable-new-dtags)
install(TARGETS octagent RUNTIME_DEPENDENCY_SET octagent-libraries RUNTIME COMPONENT agent)
install(DIRECTORY DESTINATION lib/octagent/plugins COMPONENT agent)
install(RUNTIME_DEPENDENCY_SET octagent-libraries
        PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|dl|rt|pthread|resolv)\\.so" # the system's own: glibc
        DIRECTORIES ${CMAKE_LIBRARY_PATH} # says nothing more, but must not be empty for CMake to look
        LIBRARY DESTINATION lib/octagent COMPONENT portable NAMELINK_SKIP)

# install_text(SOURCE NAME COMPONENT DESTINATION): with the version filled in, compressed when the name says so.
function(install_text source name component destination)
    string(REGEX REPLACE "\\.gz$" "" plain ${name})
    configure_file(${source} ${made}/${plain} @ONLY)
    if(NOT plain STREQUAL name)
        # -n: no time in it, so that the same sources make the same package.
        execute_process(COMMAND gzip -9nc ${made}/${plain} OUTPUT_FILE ${made}/${name} COMMAND_ERROR_IS_FATAL ANY)
    endif()
    install(FILES ${made}/${name} DESTINATION ${destination} COMPONENT ${component})
endfunction()

install_text(${linux}/octagent.8 octagent.8.gz agent ${CMAKE_INSTALL_MANDIR}/man8)
install_text(${linux}/octagent.service octagent.service system lib/systemd/system)

set(configuration ${PROJECT_SOURCE_DIR}/etc/octagent.properties)
install(FILES ${configuration} DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/octagent COMPONENT system)
install(FILES ${configuration} DESTINATION etc/octagent COMPONENT portable)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/CHANGELOG.md
        DESTINATION . COMPONENT portable)
# The licences of the libraries in the archive, as Debian records them.
foreach(package IN ITEMS libpocofoundation80 libsqlite3-0 libsimdjson14 libprotobuf-lite32 libpcre3 libexpat1 zlib1g libgcc-s1)
    install(FILES /usr/share/doc/${package}/copyright DESTINATION share/licenses RENAME ${package} COMPONENT portable
            OPTIONAL)
endforeach()

# Debian's papers, in both packages, and an RPM's.
execute_process(COMMAND ${linux}/debian/changelog ${PROJECT_SOURCE_DIR}/CHANGELOG.md "${OCTAGENT_CONTACT}"
                OUTPUT_FILE ${made}/changelog.Debian COMMAND_ERROR_IS_FATAL ANY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/CHANGELOG.md)
foreach(package IN ITEMS octagent octagent-dev)
    set(doc ${CMAKE_INSTALL_DATADIR}/doc/${package})
    install_text(${linux}/debian/copyright copyright ${package}-deb ${doc})
    install_text(${PROJECT_SOURCE_DIR}/CHANGELOG.md changelog.gz ${package}-deb ${doc})
    install_text(${made}/changelog.Debian changelog.Debian.gz ${package}-deb ${doc})
    install_text(${linux}/debian/${package}.lintian-overrides ${package} ${package}-deb
                 ${CMAKE_INSTALL_DATADIR}/lintian/overrides)
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/octagent COMPONENT system)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/octagent COMPONENT octagent-rpm)

set(CPACK_PACKAGE_NAME octagent)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_VENDOR "The octagent authors")
set(CPACK_PACKAGE_CONTACT ${OCTAGENT_CONTACT})
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_SOURCE_DIR}/build/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)
set(CPACK_PROJECT_CONFIG_FILE ${linux}/cpack.cmake)
set(CPACK_GENERATOR "DEB;RPM;TGZ")

set(description "octagent takes traces and errors of LLM applications over HTTP on the
loopback interface and stores them in a SQLite database. A full queue drops
events and counts them: the application beside it is never blocked.")

set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_OCTAGENT_PACKAGE_NAME octagent)
set(CPACK_DEBIAN_OCTAGENT_DESCRIPTION ${description})
set(CPACK_DEBIAN_OCTAGENT_PACKAGE_RECOMMENDS systemd)
set(CPACK_DEBIAN_OCTAGENT_PACKAGE_CONTROL_EXTRA ${linux}/debian/conffiles ${linux}/debian/postinst
    ${linux}/debian/prerm ${linux}/debian/postrm)
set(CPACK_DEBIAN_OCTAGENT-DEV_PACKAGE_NAME octagent-dev)
set(CPACK_DEBIAN_OCTAGENT-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_OCTAGENT-DEV_PACKAGE_DEPENDS "libpoco-dev (>= 1.11)")
set(CPACK_DEBIAN_OCTAGENT-DEV_DESCRIPTION "A plugin is a shared library that stores events of its own, has routes of its\n\
own, or both. This package has the headers of the SDK and the CMake package to
build plugins with.")

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_PACKAGE_DESCRIPTION "${description}")
set(CPACK_RPM_OCTAGENT_PACKAGE_NAME octagent)
set(CPACK_RPM_OCTAGENT_USER_FILELIST "%config(noreplace) /etc/octagent/octagent.properties")
set(CPACK_RPM_OCTAGENT_POST_INSTALL_SCRIPT_FILE ${linux}/rpm/post)
set(CPACK_RPM_OCTAGENT_PRE_UNINSTALL_SCRIPT_FILE ${linux}/rpm/preun)
set(CPACK_RPM_OCTAGENT_POST_UNINSTALL_SCRIPT_FILE ${linux}/rpm/postun)
set(CPACK_RPM_OCTAGENT-DEV_PACKAGE_NAME octagent-devel)
set(CPACK_RPM_OCTAGENT-DEV_PACKAGE_REQUIRES poco-devel)
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /usr/lib/systemd /usr/lib/systemd/system /usr/lib/cmake
    /usr/share/man /usr/share/man/man8 /usr/share/licenses)

include(CPack)
cpack_add_component(agent GROUP octagent)
cpack_add_component(system GROUP octagent)
cpack_add_component(portable GROUP octagent)
cpack_add_component(octagent-deb GROUP octagent)
cpack_add_component(octagent-rpm GROUP octagent)
cpack_add_component(dev GROUP octagent-dev)
cpack_add_component(octagent-dev-deb GROUP octagent-dev)
cpack_add_component_group(octagent)
cpack_add_component_group(octagent-dev)
