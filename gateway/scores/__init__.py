"""Điểm số: the figures of QĐ 766, TT 01/2018 and NĐ 224/2026, each opened to the very dossiers (KPI-)."""
