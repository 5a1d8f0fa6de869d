"""Which wide systems say that points lie on surfaces?"""

import numpy as np

from tests.zoo.problem import Problem, entry

GEOMETRY = "elementary geometry"


def sphere_plane(w):
    return np.array([w[0] ** 2 + w[1] ** 2 + w[2] ** 2 - 1.0, w[0] - w[1]])


def sphere_plane_jac(w):
    return np.array([[2.0 * w[0], 2.0 * w[1], 2.0 * w[2]], [1.0, -1.0, 0.0]])


def cylinder_saddle(w):
    return np.array([w[0] ** 2 + w[1] ** 2 - 1.0, w[2] - w[0] * w[1]])


def cylinder_saddle_jac(w):
    return np.array([[2.0 * w[0], 2.0 * w[1], 0.0], [-w[1], -w[0], 1.0]])


def torus_plane(w):
    radius = np.sqrt(w[0] ** 2 + w[1] ** 2)
    return np.array([(radius - 2.0) ** 2 + w[2] ** 2 - 1.0, w[2] - w[0] + 1.0])


def torus_plane_jac(w):
    slope = 2.0 - 4.0 / np.sqrt(w[0] ** 2 + w[1] ** 2)
    return np.array([[slope * w[0], slope * w[1], 2.0 * w[2]], [-1.0, 0.0, 1.0]])


def tangent_plane(w):
    """The plane touches the sphere: their one common point is a double root."""
    return np.array([w[0] ** 2 + w[1] ** 2 + w[2] ** 2 - 1.0, w[2] - 1.0])


def tangent_plane_jac(w):
    return np.array([[2.0 * w[0], 2.0 * w[1], 2.0 * w[2]], [0.0, 0.0, 1.0]])


WIDE_GEOMETRY: list[Problem] = [
    entry(
        "sphere and plane",
        sphere_plane,
        sphere_plane_jac,
        [0.5, -1.0, 2.0],
        GEOMETRY,
        [0.0, 0.0, 1.0],
    ),
    entry(
        "cylinder and saddle",
        cylinder_saddle,
        cylinder_saddle_jac,
        [2.0, 1.5, -1.0],
        GEOMETRY,
        [1.0, 0.0, 0.0],
    ),
    entry(
        "torus and plane",
        torus_plane,
        torus_plane_jac,
        [1.5, 2.0, 0.5],
        GEOMETRY,
        [1.0, 0.0, 0.0],
    ),
    entry(
        "tangent plane (singular root)",
        tangent_plane,
        tangent_plane_jac,
        [0.5, -1.0, 2.0],
        GEOMETRY,
        [0.0, 0.0, 1.0],
        singular=True,
    ),
]
