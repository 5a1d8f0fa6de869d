"""Which square systems of any size do the standard collections share?

Formulas only; the size is that of w. Sources as in fixed_size.py; the Chandrasekhar equation is
discretised by the composite midpoint rule with c = 0.9 (TEST_NONLIN, problem 23).
"""

import numpy as np


def generalized_rosenbrock(w):
    out = np.empty_like(w)
    out[0] = 1.0 - w[0]
    for i in range(1, w.size):
        out[i] = 10.0 * (w[i] - w[i - 1] ** 2)
    return out


def generalized_rosenbrock_jac(w):
    J = np.zeros((w.size, w.size))
    J[0, 0] = -1.0
    for i in range(1, w.size):
        J[i, i - 1] = -20.0 * w[i - 1]
        J[i, i] = 10.0
    return J


def watson_gradient(w):
    """Half the gradient of Watson's sum of squares (31 residuals), the square form of MINPACK."""
    out = np.zeros_like(w)
    for i in range(1, 30):
        t = i / 29.0
        value = 0.0 * w[0]
        slope = 0.0 * w[0]
        for k in range(w.size):
            value += w[k] * t**k
            slope += w[k] * k * t ** (k - 1)
        residual = slope - value**2 - 1.0
        for k in range(w.size):
            out[k] += residual * (k * t ** (k - 1) - 2.0 * value * t**k)
    last = w[1] - w[0] ** 2 - 1.0
    out[0] += w[0] * (1.0 - 2.0 * last)
    out[1] += last
    return out


def watson_gradient_jac(w):
    J = np.zeros((w.size, w.size))
    row = np.zeros(w.size)
    for i in range(1, 30):
        t = i / 29.0
        value = 0.0
        slope = 0.0
        for k in range(w.size):
            value += w[k] * t**k
            slope += w[k] * k * t ** (k - 1)
        residual = slope - value**2 - 1.0
        for k in range(w.size):
            row[k] = k * t ** (k - 1) - 2.0 * value * t**k
            for j in range(k + 1):
                J[k, j] += row[k] * row[j] - 2.0 * residual * t ** (k + j)
    J[0, 0] += 3.0 - 2.0 * w[1] + 6.0 * w[0] ** 2
    J[1, 0] -= 2.0 * w[0]
    J[1, 1] += 1.0
    for k in range(w.size):
        for j in range(k):
            J[j, k] = J[k, j]
    return J


def chebyquad(scale, shift):
    """Mean of T_i(u), u = scale w + shift, minus the mean of T_i over [-1, 1], for i = 1..n."""

    def F(w):
        n = w.size
        out = np.zeros_like(w)
        for j in range(n):
            u = scale * w[j] + shift
            before = 1.0 + 0.0 * u
            now = u
            for i in range(n):
                out[i] += now / n
                before, now = now, 2.0 * u * now - before
        for i in range(1, n, 2):
            out[i] += 1.0 / ((i + 1) ** 2 - 1.0)
        return out

    def jac(w):
        n = w.size
        J = np.zeros((n, n))
        for j in range(n):
            u = scale * w[j] + shift
            before = 1.0
            now = u
            slope_before = 0.0
            slope = 1.0
            for i in range(n):
                J[i, j] = scale * slope / n
                slope_before, slope = slope, 2.0 * now + 2.0 * u * slope - slope_before
                before, now = now, 2.0 * u * now - before
        return J

    return F, jac


def brown_almost_linear(w):
    n = w.size
    total = w[0] - (n + 1.0)
    product = 1.0 * w[0]
    for j in range(1, n):
        total += w[j]
        product *= w[j]
    out = w + total
    out[n - 1] = product - 1.0
    return out


def brown_almost_linear_jac(w):
    n = w.size
    J = np.ones((n, n))
    for i in range(n - 1):
        J[i, i] = 2.0
    for k in range(n):
        for j in range(n):
            if j != k:
                J[n - 1, k] *= w[j]
    return J


def discrete_boundary_value(w):
    """u'' = (u + t + 1)^3 / 2 with u(0) = u(1) = 0, by central differences."""
    n = w.size
    h = 1.0 / (n + 1.0)
    out = np.empty_like(w)
    for i in range(n):
        out[i] = 2.0 * w[i] + 0.5 * h * h * (w[i] + (i + 1) * h + 1.0) ** 3
        if i > 0:
            out[i] -= w[i - 1]
        if i < n - 1:
            out[i] -= w[i + 1]
    return out


def discrete_boundary_value_jac(w):
    n = w.size
    h = 1.0 / (n + 1.0)
    J = np.zeros((n, n))
    for i in range(n):
        J[i, i] = 2.0 + 1.5 * h * h * (w[i] + (i + 1) * h + 1.0) ** 2
        if i > 0:
            J[i, i - 1] = -1.0
            J[i - 1, i] = -1.0
    return J


def discrete_integral(w):
    """The same boundary value problem through its Green's function."""
    n = w.size
    h = 1.0 / (n + 1.0)
    out = np.empty_like(w)
    for i in range(n):
        out[i] = w[i]
        for j in range(n):
            green = min(i + 1, j + 1) * (n - max(i, j)) * h * h
            out[i] += 0.5 * h * green * (w[j] + (j + 1) * h + 1.0) ** 3
    return out


def discrete_integral_jac(w):
    n = w.size
    h = 1.0 / (n + 1.0)
    J = np.zeros((n, n))
    for i in range(n):
        J[i, i] = 1.0
        for j in range(n):
            green = min(i + 1, j + 1) * (n - max(i, j)) * h * h
            J[i, j] += 1.5 * h * green * (w[j] + (j + 1) * h + 1.0) ** 2
    return J


def trigonometric(w):
    n = w.size
    missing = n - np.cos(w).sum()
    out = np.empty_like(w)
    for i in range(n):
        out[i] = missing + (i + 1) * (1.0 - np.cos(w[i])) - np.sin(w[i])
    return out


def trigonometric_jac(w):
    n = w.size
    J = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            J[i, j] = np.sin(w[j])
        J[i, i] += (i + 1) * np.sin(w[i]) - np.cos(w[i])
    return J


def variably_dimensioned_gradient(w):
    """Half the gradient of MGH's variably dimensioned sum of squares."""
    total = 0.0 * w[0]
    for j in range(w.size):
        total += (j + 1) * (w[j] - 1.0)
    out = np.empty_like(w)
    for i in range(w.size):
        out[i] = w[i] - 1.0 + (i + 1) * total * (1.0 + 2.0 * total**2)
    return out


def variably_dimensioned_gradient_jac(w):
    total = 0.0
    for j in range(w.size):
        total += (j + 1) * (w[j] - 1.0)
    J = np.empty((w.size, w.size))
    for i in range(w.size):
        for j in range(w.size):
            J[i, j] = (i + 1) * (j + 1) * (1.0 + 6.0 * total**2)
        J[i, i] += 1.0
    return J


def broyden_tridiagonal(w):
    n = w.size
    out = np.empty_like(w)
    for i in range(n):
        out[i] = (3.0 - 2.0 * w[i]) * w[i] + 1.0
        if i > 0:
            out[i] -= w[i - 1]
        if i < n - 1:
            out[i] -= 2.0 * w[i + 1]
    return out


def broyden_tridiagonal_jac(w):
    n = w.size
    J = np.zeros((n, n))
    for i in range(n):
        J[i, i] = 3.0 - 4.0 * w[i]
        if i > 0:
            J[i, i - 1] = -1.0
            J[i - 1, i] = -2.0
    return J


def broyden_banded(w):
    n = w.size
    out = np.empty_like(w)
    for i in range(n):
        out[i] = w[i] * (2.0 + 5.0 * w[i] ** 2) + 1.0
        for j in range(max(0, i - 5), min(n, i + 2)):
            if j != i:
                out[i] -= w[j] * (1.0 + w[j])
    return out


def broyden_banded_jac(w):
    n = w.size
    J = np.zeros((n, n))
    for i in range(n):
        for j in range(max(0, i - 5), min(n, i + 2)):
            J[i, j] = -1.0 - 2.0 * w[j]
        J[i, i] = 2.0 + 15.0 * w[i] ** 2
    return J


def chandrasekhar(w):
    n = w.size
    out = np.empty_like(w)
    for i in range(n):
        total = 0.0 * w[0]
        for j in range(n):
            total += (i + 0.5) * w[j] / (i + j + 1.0)
        out[i] = w[i] - 1.0 / (1.0 - 0.45 / n * total)
    return out


def chandrasekhar_jac(w):
    n = w.size
    J = np.zeros((n, n))
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += (i + 0.5) * w[j] / (i + j + 1.0)
        inverse = 1.0 / (1.0 - 0.45 / n * total)
        for j in range(n):
            J[i, j] = -(inverse**2) * 0.45 / n * (i + 0.5) / (i + j + 1.0)
        J[i, i] += 1.0
    return J
