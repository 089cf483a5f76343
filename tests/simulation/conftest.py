from tests.integration.conftest import platform as stores_of_the_platform

stores = stores_of_the_platform
