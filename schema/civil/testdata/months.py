"""Writes calendar.txt: one line a month, from Python's own calendar.

Columns: year-month, ISO weekday of the 1st, days in the month, and for January the ISO
year and week of the 1st. Run: python3 months.py > calendar.txt
"""
import calendar
import datetime

for year in range(2000, 2101):
    for month in range(1, 13):
        weekday, days = calendar.monthrange(year, month)
        line = f"{year}-{month:02} {weekday + 1} {days}"
        if month == 1:
            iso = datetime.date(year, 1, 1).isocalendar()
            line += f" {iso[0]} {iso[1]}"
        print(line)
