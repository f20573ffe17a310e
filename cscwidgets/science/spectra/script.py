"""A fit as a script of plain Sherpa, for a process in which nothing of ours is installed."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from cscwidgets.errors import CscError

from ..absorption import cross_section_table
from ..spectrum import Spectrum
from . import components, gaunt
from .models import SourceModel
from .sherpa_gate import sherpa
from .statistic import Statistic

__all__ = ["script"]


def script(
    model: SourceModel,
    spectra: Sequence[Spectrum],
    band: tuple[float, float],
    statistic: Statistic,
    *,
    free: Sequence[Any],
    factors: Sequence[Any],
) -> str:
    """The script's text: it fits again, and prints the statistic, the free parameters and the flux in the band.

    Parameters
    ----------
    model : SourceModel
        At the best fit, from which the script starts.
    spectra : sequence of Spectrum
    band : tuple of float
        keV.
    statistic : Statistic
    free : sequence of Sherpa parameters
    factors : sequence of Sherpa Scale1D
        Cross-normalisations, one for each spectrum, or none.

    Raises
    ------
    CscError
        If the model has a component that is neither Sherpa's nor ours.
    """
    parts = _components(model.absorbed)
    free = [f'("{par.fullname}", {_variable(par.modelname)}.{par.name})' for par in free]
    lines = [
        f'"""{model.label}, {statistic.name}, {band[0]:g}-{band[1]:g} keV."""',
        "",
        "from __future__ import annotations",
        "",
        "import numpy as np",
        "import sherpa.astro.data",
        "import sherpa.models.basic",
        "from sherpa.astro import ui",
        "",
        *_definitions(parts),
        *(_construction(part) for part in parts),
        *(line for part in [*parts, *factors] for line in _settings(part, is_factor=part in factors)),
    ]
    source = _expression(model.absorbed, parts)
    for number, spectrum in enumerate(spectra, start=1):
        lines += _load(spectrum, number, statistic, band)
        factor = f"{factors[number - 1].name} * " if factors else ""
        lines.append(f"ui.set_source({number}, {factor}({source}))")
    lines += [
        "",
        f'ui.set_stat("{statistic.name}")',
        'for method in ("neldermead", "levmar"):',
        "    ui.set_method(method)",
        "    ui.fit()",
        'print("statistic", ui.calc_stat())',
        f"for name, parameter in [{', '.join(free)}]:",
        "    print(name, parameter.val)",
        f'print("flux", ui.calc_energy_flux({band[0]!r}, {band[1]!r}, id=1, model={source}))',
    ]
    return "\n".join(lines) + "\n"


def _components(model: Any) -> list[Any]:
    """The single components of a model, each once, in the order they are written."""
    if not isinstance(model, sherpa.models.model.CompositeModel):
        return [model]
    components: dict[int, Any] = {}
    for part in model.parts:
        for component in _components(part):
            components.setdefault(id(component), component)
    return list(components.values())


def _variable(name: str) -> str:
    """The name that a Sherpa session gives a component, without the class before it."""
    return name.rsplit(".", 1)[-1]


def _expression(model: Any, parts: list[Any]) -> str:
    text = str(model.name)
    for part in parts:
        text = text.replace(part.name, _variable(part.name))
    return text


def _standing_alone(source: str) -> str:
    """The source of a module without what needs this package: its types, which are annotations, and its examples."""
    source = re.sub(r"^from (__future__|cscwidgets).*\n", "", source, flags=re.MULTILINE)
    return re.sub(r"\n\n    Examples\n    --------\n.*?(?=\n    \"\"\")", "", source, flags=re.DOTALL)


def _definitions(parts: list[Any]) -> list[str]:
    """The source of those of our components that are used, with the tables they need."""
    ours = {type(part) for part in parts if type(part).__module__ == components.__name__}
    if not ours:
        return []
    lines = []
    if components.Bremsstrahlung in ours:
        lines.append(_standing_alone(inspect.getsource(gaunt)))
    if components.Absorption in ours:
        kinds = {(part.absorber, part.abundances) for part in parts if isinstance(part, components.Absorption)}
        tables = {kind: tuple(column.tolist() for column in cross_section_table(*kind)) for kind in sorted(kinds)}
        lines += [f"CROSS_SECTIONS = {tables}", "", "", _LOOK_UP]
    if ours - {components.Absorption}:
        lines.append(inspect.getsource(components.Additive) + "\n")
    return lines + [inspect.getsource(one) + "\n" for one in sorted(ours, key=lambda one: str(one.__name__))]


_LOOK_UP = '''def cross_section_table(absorber, abundances):
    """Energies in keV and cross-sections per hydrogen atom in 1e-22 cm**2."""
    return tuple(np.array(column) for column in CROSS_SECTIONS[absorber, abundances])

'''


def _construction(part: Any) -> str:
    kind, name = type(part), _variable(part.name)
    if isinstance(part, components.Absorption):
        return f'{name} = Absorption("{name}", "{part.absorber}", "{part.abundances}")'
    if kind.__module__ == components.__name__:
        return f'{name} = {kind.__name__}("{name}")'
    if kind.__module__.startswith("sherpa."):
        return f'import {kind.__module__}\n{name} = {kind.__module__}.{kind.__name__}("{name}")'
    raise CscError("No script of this fit", f"{kind.__name__} is a model of your own", "Fit it where it is defined.")


def _settings(part: Any, *, is_factor: bool) -> list[str]:
    name = _variable(part.name)
    lines = [f'{name} = sherpa.models.basic.Scale1D("{name}")'] if is_factor else []
    for par in part.pars:
        if par.link is not None:
            lines.append(f"{name}.{par.name} = {_variable(par.link.modelname)}.{par.link.name}")
        elif not par.alwaysfrozen:
            values = ", ".join(repr(float(value)) for value in (par.val, par.min, par.max))
            lines.append(f"{name}.{par.name}.set({values}, frozen={par.frozen})")
    return lines


def _load(spectrum: Spectrum, number: int, chosen: Statistic, band: tuple[float, float]) -> list[str]:
    response = spectrum.response
    lines = ["", f"ui.load_pha({number}, {spectrum.path!r}, use_errors=False)"]
    if response is not None:
        lines += [f"ui.load_arf({number}, {response.arf!r})"] if response.arf else []
        lines += [f"ui.load_rmf({number}, {response.rmf!r})"]
    if spectrum.background_path not in {None, spectrum.path}:
        lines.append(f"ui.load_bkg({number}, {spectrum.background_path!r}, use_errors=False)")
    if spectrum.background is None:
        lines.append(f"ui.get_data({number}).delete_background()")
    groups = chosen.groups[number - 1]
    if groups is None:
        lines += [f"ui.ungroup({number})"] if spectrum.grouping is not None else []
    elif groups is spectrum.grouping:
        lines.append(f"ui.group({number})")
    else:
        lines += [
            f"groups = np.full({len(groups)}, -1)",
            f"groups[{np.flatnonzero(groups == 1).tolist()}] = 1",
            f"ui.set_grouping({number}, groups)",
            f"ui.set_grouping({number}, groups, bkg_id=1)",
            f"ui.group({number})",
        ]
    if chosen.subtracted:
        lines.append(f"ui.subtract({number})")
    notice = [f"ui.notice_id({number}, {band[0]!r}, {band[1]!r})"]
    if not spectrum.good.all():
        lines += _flags(spectrum, number)
        # As in `sherpa_data`: groups need the bad channels to go first.
        notice.insert(1 if groups is None else 0, f"ui.ignore_bad({number})")
    return lines + notice


def _flags(spectrum: Spectrum, number: int) -> list[str]:
    """The channels that are left out, which are not those that Sherpa itself takes for bad."""
    return [
        f"quality = np.zeros({len(spectrum)}, dtype=int)",
        f"quality[{np.flatnonzero(~spectrum.good).tolist()}] = 1",
        f"ui.set_quality({number}, quality)",
    ]
