"""Who belongs to which scheme, where a book is calculated by several: the role decides."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.errors import Problem
from xl_kpi.scheme import Scheme
from xl_kpi.tables import ROSTER


def assign(
    roster: pd.DataFrame, schemes: Sequence[Scheme]
) -> tuple[list[NDArray[np.bool_]], list[Problem]]:
    """The people of each scheme: those of its roles; of a scheme without roles, all others.

    Args:
        roster: The 员工 table.
        schemes: The schemes in force.

    Returns:
        A mask over the roster for each scheme, and what is wrong: a role that two schemes claim,
        two schemes without roles (errors), people of a role that no scheme has (a warning).
    """
    if len(schemes) == 1:
        return [np.ones(len(roster), bool)], []
    problems = _claimed_twice(schemes)
    masks = [roster["role"].isin(s.assessed_roles).to_numpy(dtype=bool) for s in schemes]
    others = ~np.any(masks, axis=0)
    masks = [
        mask if scheme.assessed_roles else others
        for mask, scheme in zip(masks, schemes, strict=True)
    ]
    left_out = roster[~np.any(masks, axis=0)]
    for role, people in left_out.groupby(left_out["role"].fillna(""), sort=False):
        names = "、".join(map(str, people["name"].iloc[:3]))
        more = f" 等 {len(people)} 人" if len(people) > 3 else ""
        word = f"岗位“{role}”" if role else "没有岗位"
        problems.append(
            Problem(
                f"{ROSTER.zh}：{names}{more}", f"{word}，不属于任何一个方案，不计算",
                "把岗位写进一个方案的“适用岗位”，或改员工表的岗位", "warning",
            )
        )  # fmt: skip
    return masks, problems


def _claimed_twice(schemes: Sequence[Scheme]) -> list[Problem]:
    problems = []
    for one, other in itertools.combinations(schemes, 2):
        both = [role for role in one.assessed_roles if role in other.assessed_roles]
        if both or not (one.assessed_roles or other.assessed_roles):
            what = f"岗位“{'、'.join(both)}”" if both else "都没有写适用岗位"
            problems.append(
                Problem(
                    other.roles_place, f"{one.id} 和 {other.id} {what}{'两个方案都有' if both else ''}，"
                    "一个人只能属于一个方案", "改“适用岗位”，或在首页只选一个方案",
                )
            )  # fmt: skip
    return problems
