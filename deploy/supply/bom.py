"""A bill of materials in CycloneDX 1.6: the product and what it is made of.

The same parts give the same bytes: it has no serial number and no time of day.
"""

from importlib.metadata import version

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from deploy.supply.inventory import PRODUCT, Part

LICENCES = LicenseFactory()


def bill(parts: list[Part]) -> str:
    """JSON with a line feed at its end."""
    bom = Bom()
    product = Component(
        name=PRODUCT,
        version=version(PRODUCT),
        type=ComponentType.APPLICATION,
        bom_ref=PRODUCT,
        licenses=[LICENCES.make_from_string("Apache-2.0")],
    )
    bom.metadata.component = product
    components = [_component(part) for part in parts]
    bom.components.update(components)
    bom.register_dependency(product, components)
    written = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    bom.serial_number = None  # type: ignore[assignment]
    bom.metadata.timestamp = None  # type: ignore[assignment]
    return written.output_as_string(indent=2) + "\n"


def _component(part: Part) -> Component:
    algorithm, digest = part.digest
    namespace, _, name = part.name.rpartition("/")
    is_model = part.ecosystem == "model"
    ecosystem = "generic" if is_model else part.ecosystem
    if part.ecosystem == "deb":
        namespace = "debian"
    purl = PackageURL(ecosystem, namespace or None, name, part.version)
    return Component(
        name=name,
        group=namespace or None,
        version=part.version,
        type=ComponentType.MACHINE_LEARNING_MODEL if is_model else ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        scope=ComponentScope.REQUIRED if part.use == "run" else ComponentScope.EXCLUDED,
        hashes=[HashType(alg=HashAlgorithm(algorithm), content=digest)] if digest else None,
        licenses=[LICENCES.make_from_string(part.licence)] if part.licence else None,
        external_references=[
            ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(part.address))
        ]
        if part.address
        else None,
    )
