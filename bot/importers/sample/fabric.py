"""Servers, clouds, hosts and networks of the sample estate.

GoldCloud1 and SilverCloud1 at New York are protected by GoldCloud2 and SilverCloud2 at Chicago.
SilverCloud2 has LogicalNetwork1-Chicago only, SilverCloud1 LogicalNetwork1-NewYork only.
Source: Microsoft Learn, "Prepare network mapping for Hyper-V VM disaster recovery" (the example).
"""

from bot.importers.sample.nouns import Cloud, Host, Network, Site, Subnet

NY1, NY2 = "LogicalNetwork1-NewYork", "LogicalNetwork2-NewYork"
CHI1, CHI2 = "LogicalNetwork1-Chicago", "LogicalNetwork2-Chicago"
DEN = "LogicalNetwork-Denver"

VLAN, NONE, NVGRE = "VLANNetwork", "NoIsolation", "WindowsNetworkVirtualization"


def new_york() -> Site:
    """The site that is protected."""
    return Site(
        "VMM-NewYork",
        [
            Cloud("GoldCloud1", [NY1, NY2], ("VMM-Chicago", "GoldCloud2")),
            Cloud("SilverCloud1", [NY1], ("VMM-Chicago", "SilverCloud2")),
        ],
        [
            *(Host(f"hv0{i}", "GoldCloud1", [NY1, NY2]) for i in (1, 2, 3, 4)),
            *(Host(f"hv0{i}", "SilverCloud1", [NY1]) for i in (5, 6)),
        ],
        _by_key(
            Network("VMNetwork1-NewYork", NY1, VLAN, [Subnet("Shop", "10.1.20.0/24", 120)]),
            Network("VMNetwork2-NewYork", NY2, VLAN, [Subnet("Mail", "10.1.21.0/24", 121)]),
            Network(
                "Prod-Web",
                NY1,
                VLAN,
                [Subnet("Web", "10.1.0.0/24", 110), Subnet("Batch", "10.1.8.0/24", 118)],
            ),
            Network(
                "Prod-App",
                NY1,
                VLAN,
                [Subnet("App", "10.1.1.0/24", 111), Subnet("Cache", "10.1.9.0/24", 119)],
            ),
            Network("Prod-DB", NY1, VLAN, [Subnet("Db", "10.1.2.0/24", 112)]),
            Network("Prod-Mgmt", NY1, VLAN, [Subnet("Mgmt", "10.1.3.0/24", 113)]),
            Network(
                "Prod-File", NY1, VLAN, [Subnet("Files", "10.1.4.0/24", 114, more_vlans=(214,))]
            ),
            Network("Prod-CRM", NY1, VLAN, [Subnet("Crm", "10.1.5.0/24", 115)]),
            Network("Prod-Pay", NY1, VLAN, [Subnet("Pay", "10.1.6.0/24", 116)]),
            Network("DMZ", NY2, VLAN, [Subnet("Edge", "10.1.10.0/24", 130)]),
            Network("Batch", NY2, VLAN, [Subnet("Jobs", "10.1.11.0/24", 131)]),
            Network("VDI", NY2, NVGRE, [Subnet("Desktops", "172.16.0.0/22", None)]),
            Network("Backup", NY1, NONE, []),
            Network("R&D to go", NY1, VLAN, [Subnet("Bench top", "10.1.12.0/24", 132)]),
            Network("Voice", NY2, VLAN, [Subnet("Calls", "10.1.13.0/24", 133)]),
            Network("Reports", NY1, VLAN, [Subnet("Nightly", "10.1.14.0/24", 134)]),
            Network("Kiosk", NY1, VLAN, [Subnet("Stands", "10.1.15.0/24", 135)]),
            Network("Print", NY2, VLAN, [Subnet("Queues", "10.1.16.0/24", 136)]),
            Network("Dev", NY1, VLAN, [Subnet("Build", "10.1.17.0/24", 137)]),
            Network("IoT", NY1, VLAN, [Subnet("Sensors", "10.1.18.0/24", 138)]),
            Network("Old-ERP", NY1, VLAN, [Subnet("Erp", "10.1.19.0/24", 139)]),
            Network("Legacy", None, NONE, []),
            Network("Lab", NY1, VLAN, [Subnet("Bench", "10.1.22.0/24", 140)]),
            Network("Lab", NY2, VLAN, [Subnet("Bench", "10.1.23.0/24", 141)], key="Lab (2)"),
        ),
    )


def chicago() -> Site:
    """The site that receives the replicas."""
    return Site(
        "VMM-Chicago",
        [Cloud("GoldCloud2", [CHI1, CHI2]), Cloud("SilverCloud2", [CHI1])],
        [
            *(Host(f"hv2{i}", "GoldCloud2", [CHI1, CHI2]) for i in (1, 2, 3)),
            Host("hv24", "GoldCloud2", [CHI1]),
            *(Host(f"hv2{i}", "SilverCloud2", [CHI1]) for i in (5, 6)),
        ],
        _by_key(
            Network("VMNetwork1-Chicago", CHI1, VLAN, [Subnet("Shop", "10.2.20.0/24", 320)]),
            Network("VMNetwork2-Chicago", CHI2, VLAN, [Subnet("Mail", "10.2.21.0/24", 321)]),
            Network(
                "DR-Web",
                CHI2,
                VLAN,
                [
                    Subnet("Mgmt", "10.2.30.0/24", 330),
                    Subnet("Web", "10.1.0.0/24", 310, (17, 200)),
                    Subnet("App", "10.2.31.0/24", 331),
                ],
            ),
            Network(
                "DR-App",
                CHI1,
                VLAN,
                [Subnet("App", "10.2.1.0/24", 311), Subnet("Cache", "10.2.9.0/24", 319, None)],
            ),
            Network("DR-DB", CHI1, VLAN, [Subnet("Db", "10.2.2.0/24", 312)]),
            Network(
                "DR-Old",
                CHI1,
                VLAN,
                [Subnet("Web", "10.9.0.0/24", 390), Subnet("Db", "10.9.1.0/24", 391)],
            ),
            Network(
                "DR-Mgmt",
                CHI1,
                VLAN,
                [Subnet("MGMT", "10.2.3.0/24", 313), Subnet("mgmt", "10.2.33.0/24", 333)],
            ),
            Network(
                "DR-File",
                CHI1,
                VLAN,
                [
                    Subnet("Archive", "10.2.34.0/24", 334),
                    Subnet("Files", "10.2.4.0/24", 314, more_vlans=(414,)),
                ],
            ),
            Network("DR-CRM", CHI2, VLAN, [Subnet("Crm", "10.2.5.0/24", 315)]),
            Network("DR-Pay", CHI1, VLAN, [Subnet("Pay", "10.2.6.0/24", 316)]),
            Network(
                "DR-DMZ",
                CHI2,
                VLAN,
                [Subnet("Transit", "10.2.35.0/24", 335), Subnet("EDGE", "10.2.10.0/24", 340)],
            ),
            Network("DR-Batch", CHI2, NONE, []),
            Network("DR-VDI", CHI2, NVGRE, [Subnet("Desktops", "172.17.0.0/22", None, None)]),
            Network(
                "DR-Backup",
                CHI1,
                VLAN,
                [Subnet("Vault", "10.2.36.0/24", 336), Subnet("Tape", "10.2.37.0/24", 337)],
            ),
            Network("O'Brien LAN", CHI1, VLAN, [Subnet("Bench top", "10.2.12.0/24", 342)]),
            Network("DR-Voice", CHI2, VLAN, [Subnet("Calls", "10.2.13.0/24", 343)]),
            Network(
                "DR-Reports",
                CHI1,
                VLAN,
                [Subnet("East", "10.2.14.0/24", 344), Subnet("West", "10.2.44.0/24", 345)],
            ),
            Network(
                "DR-Kiosk",
                CHI1,
                VLAN,
                [Subnet("Stands", "10.2.15.0/24", 346, (20, 22), taken={21: None, 22: None})],
            ),
            Network("DR-Print", CHI1, VLAN, [Subnet("Queues", "10.2.16.0/24", 347)]),
            Network("DR-Dev", CHI2, VLAN, [Subnet("Build", "10.2.17.0/24", 348)]),
            Network("DR-ERP", CHI1, VLAN, [Subnet("Erp", "10.2.19.0/24", 349)]),
            Network("DR-Legacy", CHI1, NONE, []),
            Network("Test-Bubble", CHI1, NONE, []),
        ),
    )


def denver() -> Site:
    """A small site whose two clouds protect each other; it also keeps extended replicas."""
    return Site(
        "VMM-Denver",
        [
            Cloud("PlatinumCloud", [DEN], ("VMM-Denver", "BronzeCloud")),
            Cloud("BronzeCloud", [DEN]),
        ],
        [Host("hv31", "PlatinumCloud", [DEN]), Host("hv32", "BronzeCloud", [DEN])],
        _by_key(
            Network("Den-Prod", DEN, VLAN, [Subnet("Office", "10.3.0.0/24", 510)]),
            Network("Den-DR", DEN, VLAN, [Subnet("Office", "10.3.1.0/24", 511)]),
        ),
    )


def _by_key(*networks: Network) -> dict[str, Network]:
    return {network.key or network.name: network for network in networks}
