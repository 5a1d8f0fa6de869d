"""Which formulas do the NIST nonlinear regressions fit?

Every function takes the abscissas x and returns the model F(w), as many values as there are
observations, and its exact Jacobian. Parameters are in the order of the StRD pages, so that w[0] is
their b1. F also accepts a complex w, so that the Jacobian can be checked by a complex step.
Models that differ in a constant only are one function: that constant is its first argument.

Source: NIST/ITL, Statistical Reference Datasets, Nonlinear Regression (public domain),
https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml
"""

import numpy as np


def exponential_rise(x):
    """Misra1a and BoxBOD: b1 (1 - exp(-b2 x))."""

    def F(w):
        return w[0] * (1.0 - np.exp(-w[1] * x))

    def jac(w):
        decay = np.exp(-w[1] * x)
        return np.column_stack((1.0 - decay, w[0] * x * decay))

    return F, jac


def algebraic_rise(p, x):
    """b1 (1 - (1 + b2 x / p)^(-p)): p = 2 is Misra1b, 1/2 is Misra1c and 1 is Misra1d.

    For p = 1 this is b1 b2 x / (1 + b2 x); Misra1a is the limit of p to infinity.
    """

    def F(w):
        return w[0] * (1.0 - (1.0 + w[1] * x / p) ** (-p))

    def jac(w):
        base = 1.0 + w[1] * x / p
        return np.column_stack((1.0 - base ** (-p), w[0] * x * base ** (-p - 1.0)))

    return F, jac


def damped_reciprocal(x):
    """Chwirut1 and Chwirut2: exp(-b1 x) / (b2 + b3 x)."""

    def F(w):
        return np.exp(-w[0] * x) / (w[1] + w[2] * x)

    def jac(w):
        line = w[1] + w[2] * x
        value = np.exp(-w[0] * x) / line
        return np.column_stack((-x * value, -value / line, -x * value / line))

    return F, jac


def power_law(x):
    """DanWood: b1 x^b2."""

    def F(w):
        return w[0] * x ** w[1]

    def jac(w):
        power = x ** w[1]
        return np.column_stack((power, w[0] * power * np.log(x)))

    return F, jac


def shifted_power(x):
    """Bennett5: b1 (b2 + x)^(-1 / b3)."""

    def F(w):
        return w[0] * (w[1] + x) ** (-1.0 / w[2])

    def jac(w):
        base = w[1] + x
        power = base ** (-1.0 / w[2])
        by_shift = -w[0] * power / (w[2] * base)
        return np.column_stack((power, by_shift, w[0] * power * np.log(base) / w[2] ** 2))

    return F, jac


def exponential_sum(terms, x):
    """Lanczos1, 2 and 3 with three terms: b1 exp(-b2 x) + b3 exp(-b4 x) + b5 exp(-b6 x)."""

    def F(w):
        out = np.zeros(x.size, w.dtype)
        for k in range(0, 2 * terms, 2):
            out += w[k] * np.exp(-w[k + 1] * x)
        return out

    def jac(w):
        J = np.empty((x.size, 2 * terms))
        for k in range(0, 2 * terms, 2):
            decay = np.exp(-w[k + 1] * x)
            J[:, k] = decay
            J[:, k + 1] = -w[k] * x * decay
        return J

    return F, jac


def osborne(x):
    """MGH17: b1 + b2 exp(-b4 x) + b3 exp(-b5 x)."""

    def F(w):
        return w[0] + w[1] * np.exp(-w[3] * x) + w[2] * np.exp(-w[4] * x)

    def jac(w):
        first, second = np.exp(-w[3] * x), np.exp(-w[4] * x)
        by_rates = (-w[1] * x * first, -w[2] * x * second)
        return np.column_stack((np.ones_like(x), first, second, by_rates[0], by_rates[1]))

    return F, jac


def two_peaks(x):
    """Gauss1, 2 and 3: b1 exp(-b2 x) + b3 exp(-((x - b4) / b5)^2) + b6 exp(-((x - b7) / b8)^2)."""

    def F(w):
        out = w[0] * np.exp(-w[1] * x)
        for k in (2, 5):
            out += w[k] * np.exp(-(((x - w[k + 1]) / w[k + 2]) ** 2))
        return out

    def jac(w):
        J = np.empty((x.size, 8))
        J[:, 0] = np.exp(-w[1] * x)
        J[:, 1] = -w[0] * x * J[:, 0]
        for k in (2, 5):
            distance = (x - w[k + 1]) / w[k + 2]
            J[:, k] = np.exp(-(distance**2))
            J[:, k + 1] = 2.0 * w[k] * J[:, k] * distance / w[k + 2]
            J[:, k + 2] = J[:, k + 1] * distance
        return J

    return F, jac


def peak(x):
    """Eckerle4: (b1 / b2) exp(-((x - b3) / b2)^2 / 2)."""

    def F(w):
        return w[0] / w[1] * np.exp(-0.5 * ((x - w[2]) / w[1]) ** 2)

    def jac(w):
        distance = (x - w[2]) / w[1]
        bell = np.exp(-0.5 * distance**2) / w[1]
        by_width = w[0] * bell * (distance**2 - 1.0) / w[1]
        return np.column_stack((bell, by_width, w[0] * bell * distance / w[1]))

    return F, jac


def three_cycles(x):
    """ENSO: a mean, a yearly cycle, and two cycles of the unknown periods b4 and b7."""

    def F(w):
        year = np.pi * x / 6.0
        out = w[0] + w[1] * np.cos(year) + w[2] * np.sin(year)
        for k in (3, 6):
            phase = 2.0 * np.pi * x / w[k]
            out += w[k + 1] * np.cos(phase) + w[k + 2] * np.sin(phase)
        return out

    def jac(w):
        J = np.ones((x.size, 9))
        J[:, 1] = np.cos(np.pi * x / 6.0)
        J[:, 2] = np.sin(np.pi * x / 6.0)
        for k in (3, 6):
            phase = 2.0 * np.pi * x / w[k]
            J[:, k + 1] = np.cos(phase)
            J[:, k + 2] = np.sin(phase)
            J[:, k] = phase / w[k] * (w[k + 1] * J[:, k + 2] - w[k + 2] * J[:, k + 1])
        return J

    return F, jac


def polynomial_ratio(degree, x):
    """Two polynomials, the lower one with constant term 1; Kirby2 has degree 2.

    Degree 3 is Hahn1 and Thurber: (b1 + b2 x + b3 x^2 + b4 x^3) / (1 + b5 x + b6 x^2 + b7 x^3).
    """

    def F(w):
        top = w[0] + 0.0 * x
        bottom = np.ones(x.size, w.dtype)
        for k in range(1, degree + 1):
            top = top + w[k] * x**k
            bottom += w[degree + k] * x**k
        return top / bottom

    def jac(w):
        top = w[0] + 0.0 * x
        bottom = np.ones(x.size)
        for k in range(1, degree + 1):
            top += w[k] * x**k
            bottom += w[degree + k] * x**k
        J = np.empty((x.size, 2 * degree + 1))
        J[:, 0] = 1.0 / bottom
        for k in range(1, degree + 1):
            J[:, k] = x**k / bottom
            J[:, degree + k] = -(x**k) * top / bottom**2
        return J

    return F, jac


def kowalik_osborne(x):
    """MGH09: b1 (x^2 + b2 x) / (x^2 + b3 x + b4)."""

    def F(w):
        return w[0] * (x**2 + w[1] * x) / (x**2 + w[2] * x + w[3])

    def jac(w):
        bottom = x**2 + w[2] * x + w[3]
        ratio = (x**2 + w[1] * x) / bottom
        by_constant = -w[0] * ratio / bottom
        return np.column_stack((ratio, w[0] * x / bottom, x * by_constant, by_constant))

    return F, jac


def meyer(x):
    """MGH10: b1 exp(b2 / (x + b3))."""

    def F(w):
        return w[0] * np.exp(w[1] / (x + w[2]))

    def jac(w):
        shifted = x + w[2]
        growth = np.exp(w[1] / shifted)
        by_rate = w[0] * growth / shifted
        return np.column_stack((growth, by_rate, -w[1] * by_rate / shifted))

    return F, jac


def nelson(time, temperature):
    """Nelson, for the logarithm of y: b1 - b2 x1 exp(-b3 x2)."""

    def F(w):
        return w[0] - w[1] * time * np.exp(-w[2] * temperature)

    def jac(w):
        aged = time * np.exp(-w[2] * temperature)
        return np.column_stack((np.ones_like(time), -aged, w[1] * temperature * aged))

    return F, jac


def logistic(x):
    """Rat42: b1 / (1 + exp(b2 - b3 x))."""

    def F(w):
        return w[0] / (1.0 + np.exp(w[1] - w[2] * x))

    def jac(w):
        growth = np.exp(w[1] - w[2] * x)
        value = 1.0 / (1.0 + growth)
        by_shift = -w[0] * growth * value**2
        return np.column_stack((value, by_shift, -x * by_shift))

    return F, jac


def richards(x):
    """Rat43: b1 / (1 + exp(b2 - b3 x))^(1 / b4)."""

    def F(w):
        return w[0] * (1.0 + np.exp(w[1] - w[2] * x)) ** (-1.0 / w[3])

    def jac(w):
        growth = np.exp(w[1] - w[2] * x)
        base = 1.0 + growth
        power = base ** (-1.0 / w[3])
        by_shift = -w[0] * power * growth / (base * w[3])
        by_exponent = w[0] * power * np.log(base) / w[3] ** 2
        return np.column_stack((power, by_shift, -x * by_shift, by_exponent))

    return F, jac


def quantum_defect(x):
    """Roszman1: b1 - b2 x - arctan(b3 / (x - b4)) / pi."""

    def F(w):
        return w[0] - w[1] * x - np.arctan(w[2] / (x - w[3])) / np.pi

    def jac(w):
        distance = x - w[3]
        scale = np.pi * (distance**2 + w[2] ** 2)
        return np.column_stack((np.ones_like(x), -x, -distance / scale, -w[2] / scale))

    return F, jac
