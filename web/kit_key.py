"""`python -m web.kit_key ID`: the address at which a site reads its counts."""

from __future__ import annotations

import sys
from urllib.parse import urlencode

from bot.errors import ProjectFileError
from web import counts, sites
from web.settings import Settings, SettingsError
from web.tokens import Tokens


def main(arguments: list[str]) -> None:
    """Print the address; without ID that of Kompas' own page. Exits with what is wrong."""
    if len(arguments) > 1:
        sys.exit("Give one id of web/sites.yml, or none for the own page of Kompas.")
    site = arguments[0] if arguments else counts.OWN
    try:
        settings = Settings.from_environment()
        known = sites.load(settings.sites).by_id
    except (SettingsError, ProjectFileError) as error:
        sys.exit(str(error))
    if site != counts.OWN and site not in known:
        sys.exit(f"{site} is no site of {settings.sites.name}. Give one of {', '.join(known)}.")
    home = settings.public_url or f"http://{settings.host}:{settings.port}"
    key = Tokens(settings.token_secret).counts_key(site)
    print(f"{home}/kit/counts?{urlencode({'embed': site, 'key': key})}")


if __name__ == "__main__":
    main(sys.argv[1:])
